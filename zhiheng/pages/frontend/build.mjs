// Makes everything a browser loads, from locked packages: one style sheet, the scripts, the sprite of icons.
// What comes out is written beside the hand-written static files and is not committed.
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const house = resolve(here, "../..");
const finished = resolve(process.argv[2] ?? join(here, "../static/pages/built"));
const out = `${finished}.making`;
// Browsers of offices change slowly: what came out since 2021 must read the pages.
const target = ["chrome90", "edge90", "firefox90", "safari14.1"];

async function styles() {
  const { css } = sass.compile(join(here, "src/style/zhiheng.scss"), {
    loadPaths: [join(here, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "mixed-decls", "if-function"],
    logger: sass.Logger.silent,
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target, legalComments: "none" });
  await writeFile(join(out, "zhiheng.css"), code);
}

async function scripts() {
  await esbuild.build({
    entryPoints: ["desk", "charts", "account", "send", "work"].map((name) => join(here, `src/script/${name}.js`)),
    outdir: out,
    bundle: true,
    format: "esm",
    minify: true,
    target,
    legalComments: "none",
    logLevel: "warning",
  });
}

// Icons are named where they are used: {% icon "home" %} in a template, icon="home" in an include or in Python.
async function iconNames() {
  const names = new Set(JSON.parse(await readFile(join(here, "src/icons.json"), "utf8")));
  for (const room of await readdir(house, { withFileTypes: true })) {
    if (!room.isDirectory()) continue;
    for (const file of await readdir(join(house, room.name), { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath ?? file.path, file.name);
      const inside = relative(house, path);
      if (!file.isFile() || inside.includes("node_modules") || !/\.(html|py)$/.test(file.name)) continue;
      for (const [, name] of (await readFile(path, "utf8")).matchAll(/\bicon[ =]"([a-z0-9-]+)"/g)) names.add(name);
    }
  }
  return [...names].sort();
}

async function icons() {
  const symbols = [];
  for (const name of await iconNames()) {
    const source = join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
    let svg;
    try {
      svg = await readFile(source, "utf8");
    } catch {
      throw new Error(`没有名为 ${name} 的图标；见 tabler.io/icons / there is no icon named ${name}`);
    }
    const drawing = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "");
    symbols.push(
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" ` +
        `stroke-linejoin="round">${drawing.replace(/\s*\n\s*/g, "")}</symbol>`,
    );
  }
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await Promise.all([styles(), scripts(), icons()]);
// Only what is whole takes the place of what was there.
await rm(finished, { recursive: true, force: true });
await rename(out, finished);
