// Charts, drawn by ECharts from the JSON beside them. The library is loaded when the first chart comes into sight.

const script = document.querySelector("script[data-echarts]");
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const language = document.documentElement.lang || "en";
const drawn = new Map();
let library = null;

const load = () =>
  (library ??= new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = script.dataset.echarts;
    element.onload = () => resolve(globalThis.echarts);
    element.onerror = reject;
    document.head.append(element);
  }));

// A variable may be made of others; a canvas needs the colour itself.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
const color = (name) => {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
};

const formatter = ({ unit, currency }) => {
  const options =
    unit === "percent" ? { style: "percent", maximumFractionDigits: 1 }
    : unit === "money" ? { style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 0 }
    : { maximumFractionDigits: 2 };
  const format = new Intl.NumberFormat(language, options);
  const short = new Intl.NumberFormat(language, { ...options, notation: "compact", maximumFractionDigits: 1 });
  const digits = unit === "money" ? format.resolvedOptions().currency && minorDigits(currency) : 0;
  const scale = (value) => value / 10 ** digits;
  return {
    full: (value) => (value === null || value === undefined ? "–" : format.format(scale(value))),
    short: (value) => short.format(scale(value)),
  };
};

const minorDigits = (currency) =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;

// The tooltip is built as nodes: text in it is never markup, and no inline style is needed.
const note = (title, lines) => {
  const element = document.createElement("div");
  element.className = "chart-note";
  element.append(Object.assign(document.createElement("strong"), { textContent: title }));
  for (const [name, value] of lines) {
    const line = document.createElement("div");
    line.append(...[name, value].map((text) => Object.assign(document.createElement("span"), { textContent: text })));
    element.append(line);
  }
  return element;
};

const frame = () => ({
  animation: !still,
  animationDuration: 250,
  color: [1, 2, 3, 4, 5].map((index) => color(`--chart-${index}`)),
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, color: color("--ink-2") },
  grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
  tooltip: {
    confine: true,
    backgroundColor: color("--raised"),
    borderColor: color("--line-strong"),
    borderWidth: 1,
    padding: [8, 12],
    textStyle: { color: color("--ink"), fontSize: 12 },
    extraCssText: "",
  },
});

const categoryAxis = (spec, extra = {}) => ({
  type: "category",
  data: spec.x,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: color("--line-strong") } },
  axisLabel: { color: color("--ink-3"), hideOverlap: true },
  ...extra,
});

// A line's first and last point lie on the edges: their labels grow inwards, or they would be cut.
const lineAxis = () => ({
  boundaryGap: false,
  axisLabel: { color: color("--ink-3"), hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" },
});

// Days that are not evenly apart stand where they fall.
const dayMark = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
const dayAxis = ({ days }) => ({
  type: "time",
  min: "dataMin",
  max: "dataMax",
  axisTick: { show: false },
  axisLine: { lineStyle: { color: color("--line-strong") } },
  splitLine: { show: false },
  axisLabel: {
    ...lineAxis().axisLabel,
    customValues: days.map((day) => new Date(`${day}T00:00`).getTime()),
    formatter: (moment) => dayMark.format(moment),
  },
});

const valueAxis = (spec, extra = {}) => ({
  type: "value",
  splitNumber: 4,
  splitLine: { lineStyle: { color: color("--chart-grid") } },
  axisLabel: { color: color("--ink-3"), formatter: formatter(spec).short },
  ...extra,
});

// Marks are written short, so two significant digits must tell each from the next.
const smallestStep = (spec) => {
  const peak = Math.max(...spec.series.flatMap((one) => one.values.map((value) => Math.abs(value ?? 0))));
  return peak > 0 ? 10 ** (Math.floor(Math.log10(peak)) - 1) : 0;
};

const legend = (spec) =>
  spec.series.length > 1
    ? { bottom: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: color("--ink-2") } }
    : undefined;

const targetLine = (spec) =>
  spec.target === undefined || spec.target === null
    ? undefined
    : {
        silent: true,
        symbol: "none",
        label: { formatter: formatter(spec).full(spec.target), position: "insideEndTop", color: color("--ink-3") },
        lineStyle: { color: color("--ink-3"), type: "dashed" },
        data: [{ yAxis: spec.target }],
      };

const overTime = (type) => (spec) => ({
  ...frame(),
  legend: legend(spec),
  grid: { left: 8, right: 16, top: 16, bottom: spec.series.length > 1 ? 32 : 8, containLabel: true },
  tooltip: {
    ...frame().tooltip,
    trigger: "axis",
    axisPointer: { type: type === "bar" ? "shadow" : "line", lineStyle: { color: color("--line-strong") }, shadowStyle: { color: color("--hover"), opacity: 0.5 } },
    formatter: (points) =>
      note(
        spec.x[points[0].dataIndex],
        points.map((point) => [point.seriesName, formatter(spec).full(spec.days ? point.value[1] : point.value)]),
      ),
  },
  xAxis: spec.days ? dayAxis(spec) : categoryAxis(spec, type === "bar" ? {} : lineAxis()),
  yAxis: valueAxis(spec, type === "bar" ? { min: (range) => Math.min(0, range.min) } : { scale: true, minInterval: smallestStep(spec) }),
  series: spec.series.map((one, index) => ({
    type,
    name: one.name,
    data: spec.days ? one.values.map((value, at) => [spec.days[at], value]) : one.values,
    symbol: "circle",
    symbolSize: 5,
    showSymbol: spec.x.length <= 14,
    lineStyle: { width: index === 0 ? 2 : 1.5 },
    barMaxWidth: 28,
    itemStyle: type === "bar" ? { borderRadius: [3, 3, 0, 0] } : undefined,
    markLine: index === 0 ? targetLine(spec) : undefined,
  })),
});

// Whichever of the two inks is read better on a mix of two colours.
const channels = (name) => color(name).match(/[\d.]+/g).slice(0, 3).map(Number);
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

const heatmap = (spec) => {
  const values = spec.series.flatMap((one) => one.values).filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [channels("--heat-from"), channels("--accent")];
  const inkOn = (value) => {
    const share = high > low ? (value - low) / (high - low) : 0;
    const ground = from.map((channel, index) => channel + (to[index] - channel) * share);
    return contrast(channels("--ink"), ground) >= contrast(channels("--on-accent"), ground) ? color("--ink") : color("--on-accent");
  };
  const cells = spec.series.flatMap((one, y) =>
    one.values.map((value, x) => ({ value: [x, y, value], label: { color: inkOn(value ?? low) } })),
  );
  const { full, short } = formatter(spec);
  return {
    ...frame(),
    grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
    tooltip: { ...frame().tooltip, formatter: ({ value }) => note(`${spec.series[value[1]].name} · ${spec.x[value[0]]}`, [[spec.y_label ?? "", full(value[2])]]) },
    xAxis: categoryAxis(spec, { axisLine: { show: false } }),
    yAxis: { ...categoryAxis(spec, { axisLine: { show: false } }), data: spec.series.map((one) => one.name), inverse: true },
    visualMap: { show: false, min: low, max: high, inRange: { color: [color("--heat-from"), color("--accent")] } },
    series: [{
      type: "heatmap",
      data: cells,
      itemStyle: { borderColor: color("--surface"), borderWidth: 2, borderRadius: 4 },
      label: { show: true, formatter: ({ value }) => (value[2] === null ? "" : short(value[2])), fontSize: 11 },
      labelLayout: { hideOverlap: true },
    }],
  };
};

const funnel = (spec) => {
  const values = spec.series[0].values;
  const { full } = formatter(spec);
  return {
    ...frame(),
    grid: { left: 8, right: 72, top: 8, bottom: 8, containLabel: true },
    tooltip: { ...frame().tooltip, formatter: ({ name, value }) => note(name, [[spec.series[0].name, full(value)]]) },
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: categoryAxis(spec, { inverse: true, axisLine: { show: false }, axisLabel: { color: color("--ink") } }),
    series: [{
      type: "bar",
      data: values,
      barMaxWidth: 26,
      itemStyle: { borderRadius: 3 },
      label: { show: true, position: "right", color: color("--ink-2"), formatter: ({ value }) => full(value) },
    }],
  };
};

const scatter = (spec) => {
  const { full, short } = formatter(spec);
  const axis = (name) => ({ ...valueAxis(spec), min: 0, max: 1, name, nameLocation: "middle", nameGap: 40, interval: 0.2, axisLabel: { color: color("--ink-3"), formatter: short } });
  return {
    ...frame(),
    legend: legend(spec),
    grid: { left: 28, right: 20, top: 16, bottom: spec.series.length > 1 ? 60 : 32, containLabel: true },
    tooltip: { ...frame().tooltip, formatter: ({ seriesName, value }) => note(seriesName, [[spec.x_label, full(value[0])], [spec.y_label, full(value[1])]]) },
    xAxis: axis(spec.x_label),
    yAxis: axis(spec.y_label),
    series: spec.series.map((one, index) => ({
      type: "line",
      name: one.name,
      data: one.values,
      symbol: "circle",
      symbolSize: 8,
      lineStyle: { width: 1.5 },
      markLine: index === 0 ? { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: color("--ink-3"), type: "dashed" }, data: [[{ coord: [0, 0] }, { coord: [1, 1] }]] } : undefined,
    })),
  };
};

const kinds = { line: overTime("line"), bar: overTime("bar"), heatmap, funnel, scatter };

const draw = async (canvas) => {
  const echarts = await load();
  const spec = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  const chart = echarts.init(canvas, null, { renderer: "canvas" });
  drawn.set(canvas, { chart, spec });
  chart.setOption(kinds[spec.kind](spec));
  if (spec.urls) chart.on("click", ({ dataIndex }) => spec.urls[dataIndex] && location.assign(spec.urls[dataIndex]));
  new ResizeObserver(() => chart.resize()).observe(canvas);
};

const inSight = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inSight.unobserve(target);
    draw(target);
  }
}, { rootMargin: "200px" });

const watch = (root) => {
  for (const canvas of root.querySelectorAll("[data-chart]")) if (!drawn.has(canvas)) inSight.observe(canvas);
};

addEventListener("look-changed", () => {
  for (const [canvas, { chart, spec }] of drawn) {
    if (canvas.isConnected) chart.setOption(kinds[spec.kind](spec), true);
    else chart.dispose(), drawn.delete(canvas);
  }
});

document.addEventListener("click", ({ target }) => {
  const toggle = target.closest("[data-chart-toggle]");
  if (!toggle) return;
  const figure = toggle.closest(".graph");
  const table = figure.querySelector(".chart-table");
  table.hidden = !table.hidden;
  figure.querySelector("[data-chart]").hidden = !table.hidden;
  toggle.setAttribute("aria-pressed", String(!table.hidden));
});

document.body.addEventListener("htmx:afterSettle", ({ detail }) => detail.elt.querySelectorAll && watch(detail.elt));
watch(document);
