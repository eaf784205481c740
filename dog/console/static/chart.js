/* Charts as SVG, drawn from `data-chart` of an element, and again when that or the element's width changes. */
(function () {
  "use strict";
  const NS = "http://www.w3.org/2000/svg", TOP = 12, SIDE = 58;
  const trimmed = (value, digits) => String(Number(value.toFixed(digits)));
  const UNITS = {
    share: (value, step) => (100 * value).toFixed(step && step >= 0.01 ? 0 : 1) + "%",
    times: (value) => "×" + trimmed(value, 2),
    count: (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 0 }),
    plain: (value) => trimmed(value, 3),
  };

  function make(parent, name, attributes, text) {
    const one = document.createElementNS(NS, name);
    Object.entries(attributes).forEach(([key, value]) => one.setAttribute(key, value));
    if (text !== undefined) one.textContent = text;
    parent.appendChild(one);
    return one;
  }

  /* Round steps, 1, 2 or 5 times a power of ten; counts never in halves. */
  function steps(low, high, most, whole) {
    const rough = (high - low) / most || 1, power = 10 ** Math.floor(Math.log10(rough));
    let step = power * ([1, 2, 5, 10].find((one) => power * one >= rough * 0.999));
    if (whole) step = Math.max(1, step);
    const found = [];
    for (let n = Math.ceil(low / step - 1e-9) + 0; n * step <= high + step * 1e-9; n += 1) found.push(n * step);
    return { step, found };
  }

  const known = (values) => values.filter((value) => value !== null && Number.isFinite(value));

  function reach(axis, series, side) {
    const all = known(series.filter((one) => one.side === side && one.kind !== "band").flatMap((one) => [...one.y, ...(one.high || [])]));
    return [0, axis.top || Math.max(...all, 0) * 1.06 || 1];
  }

  function path(points) {
    let pen = "M", drawn = "";
    points.forEach(([x, y]) => {
      if (y === null) { pen = "M"; return; }
      drawn += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
    });
    return drawn;
  }

  function draw(holder) {
    const chart = JSON.parse(holder.dataset.chart), width = holder.clientWidth, height = holder.clientHeight;
    if (!width || !height) return;
    const { series, x, left, right, lines } = chart;
    const box = { left: SIDE, right: width - (right ? SIDE : 14), top: TOP, foot: height - (x.title ? 46 : 26) };
    const names = x.names, span = names ? [-0.5, names.length - 0.5] : x.span;
    const atX = (value) => box.left + ((value - span[0]) / (span[1] - span[0])) * (box.right - box.left);
    const scales = Object.fromEntries(["left", "right"].filter((side) => chart[side]).map((side) => {
      const [low, high] = reach(chart[side], series, side);
      return [side, { low, high, at: (value) => box.foot - ((value - low) / (high - low)) * (box.foot - box.top) }];
    }));
    const svg = document.createElementNS(NS, "svg");
    Object.entries({ width, height, role: "img", "aria-label": holder.dataset.label }).forEach(([k, v]) => svg.setAttribute(k, v));

    const axis = make(svg, "g", { class: "axis" });
    const places = names ? { found: names.map((_, n) => n) } : steps(span[0], span[1], width < 500 ? 5 : 10);
    const every = names ? Math.ceil((names.length * Math.max(...names.map((name) => name.length)) * 8 + 12 * names.length) / (box.right - box.left)) : 1;
    places.found.forEach((value, n) => {
      if (n % every) return;
      make(axis, "text", { x: atX(value), y: box.foot + 18, "text-anchor": "middle" }, names ? names[value] : UNITS.plain(value));
    });
    if (x.title) make(axis, "text", { x: (box.left + box.right) / 2, y: height - 8, "text-anchor": "middle" }, x.title);
    Object.entries(scales).forEach(([side, scale]) => {
      const unit = chart[side].unit, { step, found } = steps(scale.low, scale.high, 6, unit === "count");
      const edge = side === "left" ? box.left - 8 : box.right + 8, turn = side === "left" ? 13 : width - 5;
      found.forEach((value) => {
        if (side === "left") make(axis, "line", { x1: box.left, x2: box.right, y1: scale.at(value), y2: scale.at(value), class: "grid" });
        make(axis, "text", { x: edge, y: scale.at(value) + 4, "text-anchor": side === "left" ? "end" : "start" }, UNITS[unit](value, step));
      });
      const middle = (box.top + box.foot) / 2;
      if (chart[side].title) make(axis, "text", { x: turn, y: middle, "text-anchor": "middle", transform: `rotate(-90 ${turn} ${middle})` }, chart[side].title);
    });
    (lines || []).forEach((one) => make(axis, "line", one.y === undefined
      ? { x1: atX(one.x), x2: atX(one.x), y1: box.top, y2: box.foot, class: "level" }
      : { x1: box.left, x2: box.right, y1: scales.left.at(one.y), y2: scales.left.at(one.y), class: "level" }));

    series.forEach((one) => {
      const group = make(svg, "g", { class: `series ${one.look}` }), scale = scales[one.side];
      const points = one.y.map((y, n) => [atX(names ? n : one.x[n]), y === null ? null : scale.at(y)]);
      const place = (box.right - box.left) / (names ? names.length : one.y.length);
      if (one.kind === "band") {
        points.forEach(([px, py]) => py !== null && make(group, "rect", { x: px - place / 2, y: box.top, width: place, height: box.foot - box.top }));
        return;
      }
      if (one.kind === "bars") {
        const wide = place * 0.86;
        points.forEach(([px, py]) => py !== null && make(group, "rect", { x: px - wide / 2, y: py, width: wide, height: Math.max(0, box.foot - py) }));
        return;
      }
      if (one.kind === "line") make(group, "path", { d: path(points) });
      points.forEach(([px, py], n) => {
        if (py === null) return;
        if (one.low && one.low[n] !== null) make(group, "path", { class: "reach", d: `M${px} ${scale.at(one.low[n])}V${scale.at(one.high[n])}m-4 0h8M${px - 4} ${scale.at(one.low[n])}h8` });
        if (one.kind === "crosses") make(group, "path", { class: "cross", d: `M${px - 5} ${py - 5}l10 10m0 -10l-10 10` });
        else if (one.dots) make(group, one.look === "down" ? "rect" : "circle", one.look === "down" ? { x: px - 3.5, y: py - 3.5, width: 7, height: 7 } : { cx: px, cy: py, r: 4 });
      });
    });
    holder.querySelector("svg")?.remove();
    holder.prepend(svg);
    follow(holder, svg, { chart, box, atX, scales });
  }

  /* The nearest place under the pointer, and what every line says there. */
  function follow(holder, svg, { chart, box, atX, scales }) {
    const { series, x } = chart, mark = make(svg, "line", { class: "mark", y1: box.top, y2: box.foot, visibility: "hidden" });
    const reading = holder.querySelector(".reading") || holder.appendChild(Object.assign(document.createElement("div"), { className: "reading" }));
    reading.hidden = true;
    svg.addEventListener("pointerleave", () => { reading.hidden = true; mark.setAttribute("visibility", "hidden"); });
    svg.addEventListener("pointermove", (event) => {
      const at = event.clientX - svg.getBoundingClientRect().left;
      const found = series.filter((one) => one.kind !== "band").map((one) => {
        let best = -1, gap = Infinity;
        one.y.forEach((y, n) => {
          const away = Math.abs(atX(x.names ? n : one.x[n]) - at);
          if (y !== null && away < gap) { gap = away; best = n; }
        });
        return { one, n: best, gap };
      }).filter(({ n, gap }) => n >= 0 && gap < 24);
      if (!found.length || at < box.left || at > box.right) { reading.hidden = true; mark.setAttribute("visibility", "hidden"); return; }
      const nearest = found.reduce((a, b) => (b.gap < a.gap ? b : a)), place = x.names ? nearest.n : nearest.one.x[nearest.n];
      reading.replaceChildren(...[`${x.title || ""} ${x.names ? x.names[place] : UNITS.plain(place)}`.trim(), ...found.map(({ one, n }) =>
        `${one.name}: ${UNITS[chart[one.side].unit](one.y[n])}` + (one.low && one.low[n] !== null ? ` (${UNITS[chart[one.side].unit](one.low[n])} – ${UNITS[chart[one.side].unit](one.high[n])})` : ""),
      )].map((text) => Object.assign(document.createElement("p"), { textContent: text })));
      reading.hidden = false;
      mark.setAttribute("visibility", "visible");
      mark.setAttribute("x1", atX(place));
      mark.setAttribute("x2", atX(place));
      reading.style.left = `${Math.min(Math.max(atX(place) + 14, 0), holder.clientWidth - reading.offsetWidth)}px`;
      if (atX(place) > holder.clientWidth / 2) reading.style.left = `${Math.max(0, atX(place) - reading.offsetWidth - 14)}px`;
    });
  }

  const widths = new ResizeObserver((seen) => seen.forEach((one) => draw(one.target)));
  const watched = new WeakSet();
  function watch() {
    document.querySelectorAll("[data-chart]").forEach((holder) => {
      if (watched.has(holder)) return;
      watched.add(holder);
      widths.observe(holder);
      new MutationObserver(() => draw(holder)).observe(holder, { attributes: true, attributeFilter: ["data-chart"] });
    });
  }
  watch();
  new MutationObserver(watch).observe(document, { childList: true, subtree: true });
})();
