"use strict";
// rows: per sample the cells of the table; curves: per sample the margins in hundredths, or null.
const { columns, rows, curves, epochs, name } = JSON.parse(document.getElementById("data").textContent);
const body = document.querySelector("#samples tbody"), search = document.getElementById("search");
const SVG = "http://www.w3.org/2000/svg", PAGE = 100;
let order = rows.map((_, row) => row), sorted = -1, up = true, shown = PAGE;
const text = (cell) => cell === null ? "–" : typeof cell === "number" && !Number.isInteger(cell) ? cell.toFixed(3) : String(cell);
const found = () => {
  const wanted = search.value.trim().toLowerCase();
  return order.filter((row) => !wanted || rows[row].some((cell) => text(cell).toLowerCase().includes(wanted)));
};
function element(tag, attributes, space) {
  const made = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
function curve(margins) {
  const known = margins.filter((margin) => margin !== null), low = Math.min(0, ...known), high = Math.max(0, ...known);
  const x = (at) => 40 + at * 540 / Math.max(1, margins.length - 1), y = (margin) => 100 - (margin - low) * 90 / Math.max(1, high - low);
  const svg = element("svg", { viewBox: "0 0 600 120", width: "100%", role: "img", "aria-label": "Margins over the epochs" }, SVG);
  const points = margins.map((margin, at) => margin === null ? "" : `${x(at)},${y(margin)}`).join(" ");
  svg.append(element("line", { x1: 40, x2: 580, y1: y(0), y2: y(0), stroke: "var(--pale)" }, SVG),
    element("polyline", { points, fill: "none", stroke: "var(--wrong)", "stroke-width": 2 }, SVG));
  const label = (content, left, top, anchor) => {
    const made = element("text", { x: left, y: top, "text-anchor": anchor, "font-size": 11, fill: "var(--pale)" }, SVG);
    made.textContent = content;
    svg.append(made);
  };
  label((high / 100).toFixed(1), 34, y(high) + 4, "end");
  label((low / 100).toFixed(1), 34, y(low) + 4, "end");
  label(`epoch ${epochs[0]}`, 40, 118, "start");
  label(`epoch ${epochs[1]}`, 580, 118, "end");
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
    for (const cell of rows[row]) {
      const td = element("td", typeof cell === "number" ? { class: "number" } : {});
      td.textContent = text(cell);
      tr.append(td);
    }
    const last = document.createElement("td");
    if (curves[row]) {
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
  const cell = (value) => typeof value === "number" ? String(value) : `"${text(value ?? "").replace(/^([=+\-@\t\r])/, "'$1").replaceAll('"', '""')}"`;
  const lines = [columns, ...found().map((row) => rows[row])].map((line) => line.map(cell).join(","));
  const link = element("a", { download: `${name}.csv`, href: URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
show();
