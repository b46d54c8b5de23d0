// The map of the cockpit, drawn over the schematic outlines of the book: name and value stand in each area, and an area opens
// the side sheet of its number. Without this script the drawing of the server stands in its place and leads to the same sheets.
// The drawing library is loaded only where there is a map.
let base;
let echarts;
let tokens;

const shown = (text) => text || "—";

// Shades of one hue on the paper of the page; the darkest still leaves the names readable.
function shades(hue) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const paper = rgb(hue.paper);
  const blue = rgb(hue.blue);
  return [0.12, 0.24, 0.36, 0.48, 0.6].map((part) => `rgb(${paper.map((value, i) => Math.round(value + (blue[i] - value) * part)).join(",")})`);
}

function option(data) {
  const hue = tokens();
  const colours = shades(hue);
  const values = data.areas.map((area) => area.value).filter((value) => value !== null);
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  return {
    ...base(hue),
    tooltip: {
      ...base(hue).tooltip,
      formatter: ({ data: area, name }) => (area ? [area.title, ...area.lines].join("\n") : name),
    },
    visualMap: {
      type: "continuous",
      min: low,
      max: high === low ? low + 1 : high,
      show: false,
      inRange: { color: colours },
    },
    series: [
      {
        type: "map",
        map: data.name,
        aspectScale: 1,
        selectedMode: false,
        showLegendSymbol: false,
        top: 4,
        bottom: 4,
        labelLayout: { hideOverlap: true },
        label: {
          show: true,
          color: hue.ink,
          fontFamily: hue.font,
          fontSize: 12,
          lineHeight: 16,
          formatter: ({ data: area }) => (area ? `${area.title}\n{value|${shown(area.text)}}` : ""),
          rich: { value: { color: hue.ink, fontFamily: hue.font, fontSize: 12, fontWeight: 600, lineHeight: 16 } },
        },
        emphasis: { label: { color: hue.ink }, itemStyle: { areaColor: hue["blue-tint"], borderColor: hue.ink, borderWidth: 2 } },
        itemStyle: { areaColor: hue["paper-3"], borderColor: hue.paper, borderWidth: 2 },
        data: data.areas.map((area) => ({ ...area, name: area.code, value: area.value ?? NaN })),
      },
    ],
  };
}

function register(data) {
  // ECharts counts upwards, the sheet of the book downwards.
  const ring = (outline) => [...outline, outline[0]].map(([x, y]) => [x, -y]);
  echarts.registerMap(data.name, {
    type: "FeatureCollection",
    features: data.areas.map((area) => ({
      type: "Feature",
      properties: { name: area.code },
      geometry: { type: "MultiPolygon", coordinates: area.outlines.map((outline) => [ring(outline)]) },
    })),
  });
}

async function draw(figure) {
  try {
    const answer = await fetch(figure.dataset.map, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    if (!data.areas.length) return;
    register(data);
    figure.classList.add("is-drawn");
    const canvas = figure.querySelector(".chart-canvas");
    canvas.setAttribute("role", "img");
    const chart = echarts.init(canvas, null, { renderer: "canvas" });
    chart.setOption(option(data));
    chart.on("click", ({ data: area }) => {
      if (area?.door && window.htmx) window.htmx.ajax("GET", area.door, { target: "#sheet", swap: "innerHTML" });
      else if (area?.door) location.assign(area.door);
    });
    new ResizeObserver(() => chart.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.setOption(option(data), true));
  } catch (error) {
    figure.classList.remove("is-drawn");
    console.warn("map", figure.dataset.map, error);
  }
}

const figures = [...document.querySelectorAll("figure[data-map]")];
if (figures.length)
  import("../pages/built/charts.js").then((charts) => {
    ({ base, echarts, tokens } = charts);
    figures.forEach(draw);
  });
