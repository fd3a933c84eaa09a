// The list: filtered, sorted, a row at a time by mouse or keyboard.
const PAGE = 100, PRINTED = 2000;
const body = document.querySelector("#samples tbody"), search = byId("search");
const filters = [[byId("given"), (row) => rows[row][GIVEN]], [byId("suggested"), suggested], [byId("decided"), (row) => decisions.get(row)?.what ?? null]];
let order = rows.map((_, row) => row), sorted = -1, up = true, shown = PAGE, current = null, listed = [];
const tell = (message) => { byId("told").textContent = message; };
const trOf = (row) => body.querySelector(`tr[data-row="${row}"]`);

function found() {
  const wanted = search.value.trim().toLowerCase();
  const chosen = filters.filter(([select]) => select && select.value !== "");
  const fits = (row) => chosen.every(([select, value]) => String(value(row)) === select.value)
    && (!wanted || [file(row), ids[row] ?? "", ...values[row] ?? []].some((named) => named.toLowerCase().includes(wanted)) || columns.some((_, column) => text(row, column).toLowerCase().includes(wanted)));
  return order.filter(fits);
}

// The first of its own values, or all.
function valuesOf(row, most) {
  const told = valueNames.slice(0, most).map((name, at) => `${name} ${values[row][at] || "–"}`);
  return told.join(" · ") + (valueNames.length > most ? " …" : "");
}

// Of what a browser shows.
const isImage = (address) => address !== null && /\.(jpe?g|jfif|png|gif|webp|bmp|avif)$/i.test(address);

// The image as it is on the disk; instead of it where it is not there any more.
function imageOfFile(row, attributes, instead) {
  const image = element("img", { src: link(row), ...attributes });
  image.onerror = () => image.replaceWith(instead);
  return image;
}

function sampleCell(row) {
  const cell = element("td", { class: "sample", "data-name": columns[ID].name });
  if (pictures[row]) cell.append(element("img", { src: `data:image/png;base64,${pictures[row]}`, alt: "" }));
  else if (isImage(link(row))) cell.append(imageOfFile(row, { alt: "", class: "file", loading: "lazy" }, ""));
  const about = element("div", {}, element("b", {}, text(row, ID)));
  if (ids[row] !== null) about.append(element("span", {}, `id ${ids[row]}`));
  if (file(row)) {
    const [tag, to] = link(row) ? ["a", { href: link(row) }] : ["span", {}];
    about.append(element(tag, { ...to, title: file(row) }, shortPlace(row)));
  }
  if (values[row]) about.append(element("span", { class: "values" }, valuesOf(row, 3)));
  cell.append(about);
  return cell;
}

function decisionCell(row) {
  const button = (what, label, key) => element("button", { type: "button", "data-do": what, title: `key ${key}` }, label);
  const select = element("select", { "aria-label": "Correct to" });
  const first = decisions.get(row)?.what === "correct" ? decisions.get(row).label : suggested(row);
  select.append(element("option", { value: first ?? "" }, first === null ? "choose…" : classes[first]));
  // All classes only where they are asked for: a hundred lists of a thousand take long.
  select.onfocus = () => {
    if (select.options.length > 1) return;
    select.append(...classes.flatMap((name, label) => label === first || label === rows[row][GIVEN] ? [] : element("option", { value: label }, name)));
  };
  const choices = element("span", { class: "choices" }, button("keep", "Keep", "k"), button("correct", "Correct to", "c"), select, button("remove", "Remove", "r"));
  return element("td", { class: "decision", "data-name": "Decision" }, choices, element("span", { class: "decided" }));
}

function made(row) {
  const tr = element("tr", { "data-row": row, tabindex: -1 }, sampleCell(row));
  columns.forEach(({ name, kind }, column) => {
    if (column !== ID) tr.append(element("td", { class: kind, "data-name": name }, text(row, column)));
  });
  tr.append(decisionCell(row));
  const last = element("td", { class: "more" });
  if (curves[row].length) last.append(element("button", { type: "button", "data-do": "open", "aria-expanded": "false", title: "key m" }, "Margins"));
  tr.append(last);
  mark(tr, row);
  return tr;
}

// Shows what was decided of the sample.
function mark(tr, row) {
  const { what, label } = decisions.get(row) ?? {};
  tr.classList.toggle("done", Boolean(what));
  for (const button of tr.querySelectorAll(".decision button")) button.setAttribute("aria-pressed", String(button.dataset.do === what));
  tr.querySelector(".decided").textContent = what === "correct" ? `correct to ${className(label)}` : what ?? "";
}

function show() {
  listed = found();
  body.replaceChildren(...listed.slice(0, shown).map(made));
  byId("count").textContent = `${listed.length} of ${rows.length} samples${haveRows && files.length === 1 ? `, all from ${files[0]}` : ""}`;
  byId("more").hidden = listed.length <= shown;
  byId("unprinted").textContent = listed.length > shown ? `${listed.length - shown} samples of this list are left out here; the page has them all.` : "";
  byId("all").hidden = listed.length === rows.length;
  trOf(current)?.setAttribute("aria-current", "true");
  tellDone();
}

function begin() { shown = PAGE; show(); }

function sort(column, header) {
  up = sorted === column ? !up : true;
  sorted = column;
  const value = (row) => columns[column].kind === "class" && rows[row][column] !== null ? text(row, column) : rows[row][column];
  const compare = (a, b) => a === b ? 0 : a === null ? 1 : b === null ? -1 : typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  order.sort((a, b) => (up ? 1 : -1) * compare(value(a), value(b)));
  for (const other of document.querySelectorAll("#samples th")) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", up ? "ascending" : "descending");
  show();
}

function select(row) {
  trOf(current)?.removeAttribute("aria-current");
  current = row;
  const tr = trOf(row);
  tr.setAttribute("aria-current", "true");
  tr.focus({ preventScroll: true });
  tr.scrollIntoView({ block: "nearest" });
}

// To the next sample of the list, or the one before.
function step(by) {
  const at = listed.indexOf(current), next = at < 0 ? 0 : at + by;
  if (next < 0 || next >= listed.length) return;
  if (next >= shown) { shown += PAGE; show(); }
  select(listed[next]);
}

function decideHere(row, what) {
  const tr = trOf(row), chosen = tr.querySelector("select");
  if (what === "correct" && chosen.value === "") return chosen.focus();
  decide(row, what, Number(chosen.value));
  mark(tr, row);
  keepInBrowser();
  tellDone();
}

function open(row) {
  const tr = trOf(row), button = tr.querySelector("[data-do=open]");
  if (!button) return;
  const opened = tr.nextElementSibling?.className === "curve";
  button.setAttribute("aria-expanded", String(!opened));
  if (opened) return tr.nextElementSibling.remove();
  const cell = element("td", { colspan: columns.length + 2 });
  // The picture as it is on the disk, larger than the one in the page.
  if (isImage(link(row))) {
    const told = `${file(row)} is not where this page looks for it (${link(row)}): put the page back where it was made, or make it anew beside the images.`;
    cell.append(imageOfFile(row, { alt: file(row) }, element("p", { class: "pale" }, told)));
  }
  if (values[row]) cell.append(element("p", { class: "values" }, valuesOf(row, valueNames.length)));
  cell.append(curve(curves[row]));
  tr.after(element("tr", { class: "curve" }, cell));
}

// Lists the samples with this given and this suggested class.
function listPair({ given, suggested }) {
  search.value = "";
  for (const [select] of filters) if (select) select.value = "";
  byId("given").value = given;
  byId("suggested").value = suggested;
  begin();
  byId("list").scrollIntoView();
}

// The filter offers what occurs, by name.
for (const [select, value] of filters.slice(0, 2)) {
  if (!select) continue;
  const found = [...new Set(rows.map((_, row) => value(row)))];
  const name = (label) => label === null ? "none" : classes[label];
  found.sort((a, b) => name(a).localeCompare(name(b), undefined, { numeric: true }));
  select.append(...found.map((label) => element("option", { value: String(label) }, name(label))));
}
for (const [select] of filters) if (select) select.onchange = begin;
document.querySelectorAll("#samples th button").forEach((button, column) => { button.onclick = () => sort(column, button.parentElement); });
for (const cell of document.querySelectorAll("[data-given]")) cell.addEventListener("click", () => listPair(cell.dataset));
search.oninput = begin;
byId("all").onclick = () => { search.value = ""; for (const [select] of filters) if (select) select.value = ""; begin(); };
byId("more").onclick = () => { shown += PAGE; show(); };
byId("download").onclick = () => {
  const cells = (row) => [...columns.map(({ kind }, column) => kind === "class" ? className(rows[row][column]) : rows[row][column] ?? ""), file(row), rowInFile(row), ids[row] ?? ""];
  save(`${run}.csv`, csv([[...columns.map(({ name }) => name), "File", "Row", "Id"], ...found().map(cells)]));
};
byId("save").onclick = () => save(`${run}-decisions.csv`, decisionsAsCsv());
byId("load").onclick = () => byId("loaded").click();
byId("loaded").onchange = async ({ target }) => {
  const [chosen] = target.files;
  if (chosen) load(chosen.name, await chosen.text());
  target.value = "";
};
body.onclick = ({ target }) => {
  const row = Number(target.closest("tr[data-row]")?.dataset.row), what = target.dataset.do;
  if (Number.isNaN(row)) return;
  if (what === "open") open(row);
  else if (what) decideHere(row, decisions.get(row)?.what === what ? null : what);
  if (!target.closest("a, select")) select(row);
};
body.onchange = ({ target }) => decideHere(Number(target.closest("tr").dataset.row), "correct");
const KEYS = {
  n: () => step(1), ArrowDown: () => step(1), p: () => step(-1), ArrowUp: () => step(-1),
  k: () => { decideHere(current, "keep"); step(1); },
  c: () => { decideHere(current, "correct"); if (decisions.has(current)) step(1); },
  r: () => { decideHere(current, "remove"); step(1); },
  u: () => decideHere(current, null), m: () => open(current), e: () => trOf(current).querySelector("select").focus(),
};
document.onkeydown = (event) => {
  const { key, target } = event, isArrow = key.startsWith("Arrow");
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (target.matches("tbody select") && ["Enter", "Escape"].includes(key)) return select(Number(target.closest("tr").dataset.row));
  if (target.matches("input, select, textarea") || !Object.hasOwn(KEYS, key)) return;
  // Arrows scroll the page, until a sample is chosen.
  if (isArrow && !body.contains(document.activeElement)) return;
  if (!trOf(current) && !["n", "p"].includes(key)) return;
  event.preventDefault();
  KEYS[key]();
};
addEventListener("beforeprint", () => { shown = Math.max(shown, PRINTED); show(); });
addEventListener("afterprint", begin);
byId("progress").max = rows.length;
recall();
show();
