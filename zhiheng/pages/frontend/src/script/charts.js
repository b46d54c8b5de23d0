// Charts in the colours of the page. The server answers with plain data (see docs: design system); the same data stand in the
// table below the picture, so nothing is lost where it can't be drawn. Tooltips are drawn, not written as markup: no page may
// carry styles inside its markup.
import { BarChart, HeatmapChart, LineChart, MapChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  GeoComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, GeoComponent, GridComponent, HeatmapChart, LegendComponent, LineChart, MapChart,
  MarkLineComponent, ScatterChart, TooltipComponent, VisualMapComponent,
]);

export { echarts };

// The tokens of the style sheet, as they are now (light, dark, print).
export function tokens() {
  const style = getComputedStyle(document.body);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["paper", "paper-2", "paper-3", "ink", "ink-2", "ink-3", "line", "line-2", "blue", "blue-tint", "red", "green", "amber",
    "product", "project", "service", "environment"];
  return { ...Object.fromEntries(names.map((name) => [name, read(name)])), font: style.fontFamily };
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// What every chart shares.
export function base(hue = tokens()) {
  const text = { color: hue["ink-2"], fontFamily: hue.font, fontSize: 13 };
  return {
    animation: !still(),
    animationDuration: 250,
    textStyle: text,
    aria: { enabled: true },
    color: [hue.blue, hue.product, hue.service, hue.project, hue.environment, hue["ink-3"]],
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, icon: "rect", itemWidth: 12, itemHeight: 8, textStyle: text },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: hue.paper,
      borderColor: hue["line-2"],
      borderWidth: 1,
      textStyle: { ...text, color: hue.ink },
    },
  };
}

function axis(hue, more) {
  return {
    axisLine: { lineStyle: { color: hue["line-2"] } },
    axisTick: { show: false },
    axisLabel: { color: hue["ink-2"], hideOverlap: true },
    splitLine: { lineStyle: { color: hue.line } },
    ...more,
  };
}

const number = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 2 });
const shown = (value, unit) => (value === null || value === undefined || Number.isNaN(value) ? "—" : `${number.format(value)}${unit ?? ""}`);

function columns(data, hue) {
  const lying = data.kind === "bars";
  const label = axis(hue, { type: "category", data: data.categories, inverse: lying });
  const value = axis(hue, {
    type: "value",
    min: data.min,
    max: data.max,
    scale: data.min === undefined && data.kind === "line",
    axisLabel: { color: hue["ink-3"], formatter: (number_) => shown(number_, data.unit) },
  });
  const series = data.series.map((one) => ({
    name: one.name,
    type: data.kind === "line" ? "line" : "bar",
    data: one.data,
    stack: data.stacked ? "all" : undefined,
    barMaxWidth: 28,
    // plain: a bound or a centre, no points of its own; marks: points without a line between them.
    symbol: one.plain ? "none" : "circle",
    symbolSize: one.marks ? 11 : 6,
    // Where labels are left out for want of room, their points would be too: a signal is always seen.
    showAllSymbol: one.marks ? true : "auto",
    z: one.marks ? 4 : 2,
    step: one.plain ? "middle" : undefined,
    lineStyle: { width: one.marks ? 0 : one.plain ? 1.25 : 2, type: one.dashed ? "dashed" : "solid" },
    connectNulls: false,
    ...(one.hue ? { color: hue[one.hue] ?? one.hue } : {}),
  }));
  if (data.target && series.length)
    series[0].markLine = {
      symbol: "none",
      silent: true,
      data: [lying ? { xAxis: data.target.value } : { yAxis: data.target.value }],
      lineStyle: { color: hue.amber, type: "dashed", width: 1.5 },
      label: { formatter: data.target.label, position: lying ? "start" : "insideEndTop", color: hue.amber, fontFamily: hue.font },
    };
  return {
    ...base(hue),
    legend: { ...base(hue).legend, show: series.length > 1 },
    grid: { ...base(hue).grid, top: series.length > 1 ? 40 : 20 },
    tooltip: { ...base(hue).tooltip, trigger: "axis", axisPointer: { type: data.kind === "line" ? "line" : "shadow" },
      valueFormatter: (value_) => shown(value_, data.unit) },
    xAxis: lying ? value : label,
    yAxis: lying ? label : value,
    series,
  };
}

function heat(data, hue) {
  const values = data.cells.map((cell) => cell[2]).filter((value) => value !== null);
  return {
    ...base(hue),
    grid: { ...base(hue).grid, top: 12, bottom: 48 },
    tooltip: { ...base(hue).tooltip, formatter: ({ value }) => `${data.rows[value[1]]} · ${data.columns[value[0]]}\n${shown(value[2], data.unit)}` },
    xAxis: axis(hue, { type: "category", data: data.columns, splitLine: { show: false } }),
    yAxis: axis(hue, { type: "category", data: data.rows, inverse: true, splitLine: { show: false } }),
    visualMap: scale(values, data, hue),
    series: [{ type: "heatmap", data: data.cells, itemStyle: { borderColor: hue.paper, borderWidth: 1 } }],
  };
}

function scale(values, data, hue) {
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const colours = data.worse === "high" ? [hue["paper-3"], hue.red] : [hue["blue-tint"], hue.blue];
  return {
    type: "continuous",
    min: data.min ?? low,
    max: data.max ?? (high === low ? low + 1 : high),
    orient: "horizontal",
    left: 0,
    bottom: 0,
    itemHeight: 90,
    itemWidth: 10,
    calculable: false,
    text: [shown(data.max ?? high, data.unit), shown(data.min ?? low, data.unit)],
    textStyle: { color: hue["ink-2"], fontFamily: hue.font, fontSize: 12 },
    inRange: { color: colours },
  };
}

// The outlines of the book are schematic: abstract coordinates, y downwards; ECharts reads them as a map of its own.
function map(data, hue) {
  const name = `areas-${data.areas.map((area) => area.code).join("-")}`;
  const ring = (outline) => {
    const points = outline.map(([x, y]) => [x, -y]);
    return [...points, points[0]];
  };
  echarts.registerMap(name, {
    type: "FeatureCollection",
    features: data.areas.map((area) => ({
      type: "Feature",
      properties: { name: area.name },
      geometry: { type: "Polygon", coordinates: [ring(area.outline)] },
    })),
  });
  const values = data.areas.map((area) => area.value).filter((value) => value !== null && value !== undefined);
  return {
    ...base(hue),
    tooltip: { ...base(hue).tooltip, formatter: ({ name: area, value }) => `${area}\n${shown(value, data.unit)}` },
    visualMap: scale(values, data, hue),
    series: [
      {
        type: "map",
        map: name,
        aspectScale: 1,
        showLegendSymbol: false,
        selectedMode: false,
        label: { show: true, color: hue.ink, fontFamily: hue.font, fontSize: 12, textBorderColor: hue.paper, textBorderWidth: 2 },
        emphasis: { label: { color: hue.ink }, itemStyle: { areaColor: hue["blue-tint"], borderColor: hue.blue } },
        itemStyle: { areaColor: hue["paper-3"], borderColor: hue.paper, borderWidth: 2 },
        data: data.areas.map((area) => ({ name: area.name, value: area.value, door: area.door })),
      },
    ],
  };
}

const KINDS = { bar: columns, bars: columns, line: columns, heatmap: heat, map };

// From the server's data to what ECharts draws.
export function option(data) {
  const make = KINDS[data.kind];
  if (!make) throw new Error(`no chart of kind ${data.kind}`);
  return make(data, tokens());
}

function doorOf(data, params) {
  if (data.kind === "map") return params.data?.door;
  if (data.kind === "heatmap") return data.doors?.[params.dataIndex];
  return data.series[params.seriesIndex]?.doors?.[params.dataIndex] ?? data.doors?.[params.dataIndex];
}

// A picture inside something folded has no size yet; it is drawn when it gets one.
const sized = (canvas) =>
  new Promise((resolve) => {
    const watch = new ResizeObserver(() => {
      if (!canvas.clientWidth || !canvas.clientHeight) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(canvas);
  });

// Draw a <figure class="chart" data-chart="address of the data">. A failure leaves the table, opened.
export async function draw(figure) {
  const canvas = figure.querySelector(".chart-canvas");
  const table = figure.querySelector(".chart-table");
  try {
    const answer = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    figure.classList.add("is-drawn");
    if (table) table.open = false;
    await sized(canvas);
    const chart = echarts.init(canvas, null, { renderer: "canvas" });
    chart.setOption(option(data));
    canvas.setAttribute("role", "img");
    chart.on("click", (params) => {
      const door = doorOf(data, params);
      if (door && window.htmx) window.htmx.ajax("GET", door, { target: "#sheet", swap: "innerHTML" });
      else if (door) location.assign(door);
    });
    new ResizeObserver(() => canvas.clientWidth && chart.resize()).observe(canvas);
    const again = () => chart.setOption(option(data), true);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    figure.dataset.state = "drawn";
  } catch (error) {
    figure.classList.remove("is-drawn");
    figure.classList.add("is-failed");
    figure.dataset.state = "failed";
    if (table) table.open = true;
    console.warn("chart", figure.dataset.chart, error);
  }
}
