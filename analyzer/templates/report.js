"use strict";
// rows: per sample the cells of the table; curves: per sample and judging pass the margins in hundredths.
const { columns, decimals, rows, curves, epochs, name } = JSON.parse(document.getElementById("data").textContent);
const body = document.querySelector("#samples tbody"), search = document.getElementById("search");
const SVG = "http://www.w3.org/2000/svg", PAGE = 100;
let order = rows.map((_, row) => row), sorted = -1, up = true, shown = PAGE;
const text = (cell, column) => cell === null ? "–" : typeof cell === "number" ? cell.toFixed(decimals[column]) : cell;
const found = () => {
  const wanted = search.value.trim().toLowerCase();
  return order.filter((row) => !wanted || rows[row].some((cell, column) => text(cell, column).toLowerCase().includes(wanted)));
};
function element(tag, attributes, space) {
  const made = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
function curve(passes) {
  const known = passes.flat().filter((margin) => margin !== null), low = Math.min(0, ...known), high = Math.max(0, ...known);
  const first = epochs[0], last = epochs[epochs.length - 1];
  const x = (epoch) => 48 + (epoch - first) * 532 / Math.max(1, last - first), y = (margin) => 118 - (margin - low) * 100 / Math.max(1, high - low);
  const svg = element("svg", { viewBox: "0 0 600 140", width: "100%", role: "img", "aria-label": "Margins over the epochs" }, SVG);
  svg.append(element("line", { x1: 48, x2: 580, y1: y(0), y2: y(0), stroke: "var(--pale)" }, SVG));
  passes.forEach((margins, pass) => {
    const drawn = epochs.map((epoch, at) => [x(epoch), margins[at]]).filter(([, margin]) => margin !== null);
    const look = { stroke: "var(--wrong)", "stroke-width": 2, "stroke-dasharray": pass ? 6 / pass : "none" };
    svg.append(element("polyline", { points: drawn.map(([at, margin]) => `${at},${y(margin)}`).join(" "), fill: "none", ...look }, SVG));
    if (drawn.length === 1) svg.append(element("circle", { cx: drawn[0][0], cy: y(drawn[0][1]), r: 4, fill: "var(--wrong)" }, SVG));
  });
  const label = (content, left, top, anchor) => {
    const made = element("text", { x: left, y: top, "text-anchor": anchor, "font-size": 11, fill: "var(--pale)" }, SVG);
    made.textContent = content;
    svg.append(made);
  };
  label(`Margin (logit units)${passes.length > 1 ? ", a line per pass" : ""}`, 48, 10, "start");
  const values = [...new Set([high, 0, low])].filter((value) => value === 0 || Math.abs(y(value) - y(0)) > 11);
  for (const value of values) label((value / 100).toFixed(1), 42, y(value) + 4, "end");
  label(`epoch ${first}`, 48, 136, "start");
  if (last > first) label(`epoch ${last}`, 580, 136, "end");
  return svg;
}
function open(row, tr, button) {
  const next = tr.nextElementSibling;
  const opened = next && next.className === "curve";
  button.setAttribute("aria-expanded", String(!opened));
  if (opened) return next.remove();
  const made = element("tr", { class: "curve" }), cell = element("td", { colspan: columns.length + 1 });
  cell.append(curve(curves[row]));
  made.append(cell);
  tr.after(made);
}
function show() {
  const all = found();
  body.replaceChildren(...all.slice(0, shown).map((row) => {
    const tr = document.createElement("tr");
    rows[row].forEach((cell, column) => {
      const td = element("td", typeof cell === "number" ? { class: "number" } : {});
      td.textContent = text(cell, column);
      tr.append(td);
    });
    const last = document.createElement("td");
    if (curves[row].length) {
      const button = element("button", { type: "button", "aria-expanded": "false" });
      button.textContent = "Margins";
      button.onclick = () => open(row, tr, button);
      last.append(button);
    }
    tr.append(last);
    return tr;
  }));
  document.getElementById("count").textContent = `${all.length} of ${rows.length} samples`;
  document.getElementById("more").hidden = all.length <= shown;
}
function sort(column, header) {
  up = sorted === column ? !up : true;
  sorted = column;
  const compare = (a, b) => a === b ? 0 : a === null ? 1 : b === null ? -1 : typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  order.sort((a, b) => (up ? 1 : -1) * compare(rows[a][column], rows[b][column]));
  for (const other of document.querySelectorAll("#samples th")) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", up ? "ascending" : "descending");
  show();
}
document.querySelectorAll("#samples th button").forEach((button, column) => { button.onclick = () => sort(column, button.parentElement); });
search.oninput = () => { shown = PAGE; show(); };
document.getElementById("more").onclick = () => { shown += PAGE; show(); };
document.getElementById("download").onclick = () => {
  // A cell that a spreadsheet would take for a formula begins with an apostrophe.
  const cell = (value) => typeof value === "number" || /^-?\d+$/.test(value) ? String(value) : `"${(value ?? "").replace(/^([=+\-@\t\r])/, "'$1").replaceAll('"', '""')}"`;
  const lines = [columns, ...found().map((row) => rows[row])].map((line) => line.map(cell).join(","));
  const link = element("a", { download: `${name}.csv`, href: URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
show();
