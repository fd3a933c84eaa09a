// What was decided of each sample, by its row here: what (keep, correct, remove) and the class afterwards. It is kept
// in the browser under the run and a checksum of its samples and labels: a report made anew finds it, that of another
// run does not. `elsewhere` are decisions of samples that this report does not list, as with another percentile.
const KEY = `aum decisions of ${run}, ${checksum}`, HEADER = ["sample_id", "file", "row", "decision", "label"];
const rowOfId = new Map(rows.map((cells, row) => [String(cells[ID]), row]));
const decisions = new Map();
let elsewhere = [];

function recall() {
  let kept = [];
  try { kept = JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { /* A browser that keeps nothing. */ }
  elsewhere = kept.filter(([id]) => !rowOfId.has(id));
  for (const [id, what, label] of kept) if (rowOfId.has(id)) decisions.set(rowOfId.get(id), { what, label });
}

function keepInBrowser() {
  const kept = [...decisions].map(([row, { what, label }]) => [String(rows[row][ID]), what, label]);
  try { localStorage.setItem(KEY, JSON.stringify([...kept, ...elsewhere])); }
  catch { tell("This browser keeps nothing for this page: save the decisions before you close it."); }
}

function decide(row, what, label) {
  if (what) decisions.set(row, { what, label: what === "keep" ? rows[row][GIVEN] : what === "remove" ? null : label });
  else decisions.delete(row);
}

const className = (label) => label === null ? "" : classes[label] ?? "wrong";

// A cell that a spreadsheet would take for a formula begins with an apostrophe; the analyzer takes it off, and so does
// the loading here.
const isFormula = (value) => /^[=+\-@\t\r]/.test(value) && (value.trim() === "" || Number.isNaN(Number(value)));
function csvCell(value) {
  if (typeof value === "number" || /^-?\d+$/.test(value)) return String(value);
  return `"${(isFormula(value.replace(/^'+/, "")) ? `'${value}` : value).replaceAll('"', '""')}"`;
}
const csv = (lines) => lines.map((line) => line.map(csvCell).join(",") + "\r\n").join("");
function save(name, content) {
  const made = element("a", { download: name, href: URL.createObjectURL(new Blob([content], { type: "text/csv" })) });
  made.click();
  setTimeout(() => URL.revokeObjectURL(made.href), 1000);
}

function decisionsAsCsv() {
  const lines = [...decisions].sort(([one], [other]) => one - other);
  const line = ([row, { what, label }]) => [String(rows[row][ID]), file(row), rowInFile(row), what, className(label)];
  // A header is no data: it has no quotes.
  return `${HEADER}\r\n${csv(lines.map(line))}`;
}

// The cells of a CSV file, line by line (RFC 4180).
function parsed(content) {
  const lines = [[]];
  for (const [, quoted, plain, end] of content.replace(/^\uFEFF/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const value = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    lines.at(-1).push(value.startsWith("'") && isFormula(value.replace(/^'+/, "")) ? value.slice(1) : value);
    if (end !== ",") lines.push([]);
  }
  return lines.filter((line) => line.length > 1 || line[0]);
}

// Takes all decisions of a file, or none: then it says why, in one line.
function load(name, content) {
  const [header, ...lines] = parsed(content);
  if (String(header) !== String(HEADER)) return tell(`${name} holds no decisions: its first line is not ${HEADER}. Nothing was taken.`);
  const taken = [];
  for (const [at, [id, inFile, inRow, what, label]] of lines.entries()) {
    const row = rowOfId.get(id), known = label === "" ? null : classes.indexOf(label);
    const refused = (reason) => tell(`${name}, line ${at + 2}: ${reason}. Nothing was taken.`);
    if (row === undefined) return refused(`this report does not list sample ${id}: the decisions are of another run, or of a report that lists more samples`);
    if (inFile !== file(row) || inRow !== String(rowInFile(row))) return refused(`sample ${id} is row ${inRow} of ${inFile} there, but row ${rowInFile(row)} of ${file(row)} here: the decisions are of another run`);
    if (!["keep", "correct", "remove"].includes(what)) return refused(`the decision of sample ${id} is ${what}; it can be keep, correct or remove`);
    if (known === -1 || what === "correct" && known === null) return refused(`the label of sample ${id} is ${label || "empty"}, which is no class of this run`);
    if (what === "keep" && label !== className(rows[row][GIVEN])) return refused(`sample ${id} is kept as ${label}, but its label is ${className(rows[row][GIVEN])} here: the decisions are of another run`);
    taken.push([row, what, known]);
  }
  for (const decision of taken) decide(...decision);
  keepInBrowser();
  show();
  tell(`${taken.length} decisions taken from ${name}.`);
}

// How many are done.
function tellDone() {
  const count = (what) => [...decisions.values()].filter((decision) => decision.what === what).length;
  const beside = elsewhere.length ? `; this browser keeps ${elsewhere.length} more, of samples that are not listed here` : "";
  byId("done").textContent = `${decisions.size} of ${rows.length} done: ${count("keep")} kept, ${count("correct")} corrected, ${count("remove")} to be removed${beside}.`;
  byId("progress").value = decisions.size;
}
