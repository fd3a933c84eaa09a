// The margins of a sample over the epochs, a line per pass.
function curve(passes) {
  const drawn = (tag, attributes) => {
    const made = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const known = passes.flat().filter((margin) => margin !== null), low = Math.min(0, ...known), high = Math.max(0, ...known);
  const first = epochs[0], last = epochs[epochs.length - 1];
  const x = (epoch) => 48 + (epoch - first) * 532 / Math.max(1, last - first), y = (margin) => 118 - (margin - low) * 100 / Math.max(1, high - low);
  const svg = drawn("svg", { viewBox: "0 0 600 140", width: "100%", role: "img", "aria-label": "Margins over the epochs" });
  svg.append(drawn("line", { x1: 48, x2: 580, y1: y(0), y2: y(0), stroke: "var(--pale)" }));
  passes.forEach((margins, pass) => {
    const points = epochs.map((epoch, at) => [x(epoch), margins[at]]).filter(([, margin]) => margin !== null);
    const look = { stroke: "var(--wrong)", "stroke-width": 2, "stroke-dasharray": pass ? 6 / pass : "none" };
    svg.append(drawn("polyline", { points: points.map(([at, margin]) => `${at},${y(margin)}`).join(" "), fill: "none", ...look }));
    if (points.length === 1) svg.append(drawn("circle", { cx: points[0][0], cy: y(points[0][1]), r: 4, fill: "var(--wrong)" }));
  });
  const label = (content, left, top, anchor) => {
    const made = drawn("text", { x: left, y: top, "text-anchor": anchor, "font-size": 11, fill: "var(--pale)" });
    made.textContent = content;
    svg.append(made);
  };
  label(`Margin (logit units)${passes.length > 1 ? ", a line per pass" : ""}`, 48, 10, "start");
  const values = [...new Set([high, 0, low])].filter((value) => value === 0 || Math.abs(y(value) - y(0)) > 11);
  for (const value of values) label((value / 100).toFixed(2), 42, y(value) + 4, "end");
  label(`epoch ${first}`, 48, 136, "start");
  if (last > first) label(`epoch ${last}`, 580, 136, "end");
  return svg;
}
