// Charts are drawn only where there are some: the drawing library is loaded at that moment.
const own = document.querySelector('script[data-charts]')?.dataset.charts;

export function drawCharts(root) {
  const figures = [...(root.querySelectorAll?.(".chart[data-chart]") ?? [])].filter((figure) => !figure.dataset.state);
  if (!figures.length || !own) return;
  for (const figure of figures) figure.dataset.state = "loading";
  import(own).then(({ draw }) => figures.forEach(draw));
}
