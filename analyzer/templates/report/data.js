"use strict";
// What the page knows. rows: per sample the cells of the table, a class by its index; places: the index of its file
// and its row there; ids: what its owner calls it; pictures: PNG files in base64; values: what else its
// row has, by valueNames; curves: per judging pass the margins in hundredths.
const { columns, rows, classes, files, links, places, ids, pictures, valueNames, values, curves, epochs, run, checksum } =
  JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const ID = 0, GIVEN = columns.findIndex(({ name }) => name === "Given label"), SUGGESTED = columns.findIndex(({ name }) => name === "Suggested");
const byId = (id) => document.getElementById(id);

function element(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

// A cell as it is shown.
function text(row, column) {
  const cell = rows[row][column], { kind, decimals } = columns[column];
  if (cell === null) return "–";
  return kind === "class" ? classes[cell] ?? "wrong" : kind === "number" ? cell.toFixed(decimals) : String(cell);
}

const suggested = (row) => SUGGESTED < 0 ? null : rows[row][SUGGESTED];
const file = (row) => places[row] ? files[places[row][0]] : "";
const link = (row) => places[row] ? links[places[row][0]] : null;
const rowInFile = (row) => places[row]?.[1] ?? "";
// What all files begin with says nothing; where all samples are of one file, only their rows do.
const folder = files.length ? files.map((file) => file.split(/[/\\]/).slice(0, -1)).reduce((shared, parts) => {
  const end = shared.findIndex((part, at) => part !== parts[at]);
  return end < 0 ? shared : shared.slice(0, end);
}).join("/").length : 0;
const haveRows = places.some((place) => place?.[1]);
const shortPlace = (row) => [
  files.length > 1 || !haveRows ? file(row).slice(folder).replace(/^[/\\]/, "") : "", haveRows ? `row ${rowInFile(row)}` : "",
].filter(Boolean).join(", ");
