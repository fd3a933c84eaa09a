//! What is asked of the imports of a crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::circles::{Graph, circles};
use crate::imports::Import;
use crate::sources::{ModulePath, Tree};

/// An import of one module from another of the same crate: the longest part of its path that is a module,
/// and the name behind.
struct Resolved<'tree> {
    from: &'tree ModulePath,
    to: ModulePath,
    name: String,
}

/// What is wrong, a line each: with the two files and the name that is imported.
pub(crate) fn problems(tree: &Tree, rooms: &[&str]) -> Vec<String> {
    let resolved: Vec<Resolved<'_>> = tree
        .imports
        .iter()
        .filter_map(|import| resolve(tree, import))
        .collect();
    // The root declares the rooms and re-exports from all of them.
    let inside = || resolved.iter().filter(|import| !import.from.is_empty());
    let mut found = unplaced(tree, rooms);
    found.extend(inside().filter_map(|import| through_root(tree, import)));
    found.extend(inside().filter_map(|import| upward(tree, import, rooms)));
    found.extend(in_circles(tree, inside()));
    found.sort();
    found.dedup();
    found
}

/// What the modules below `room` import from outside it.
pub(crate) fn wall(tree: &Tree, room: &[&str]) -> Vec<String> {
    let is_inside = |module: &[String]| module.len() >= room.len() && module[..room.len()] == *room;
    let resolved = tree.imports.iter().filter_map(|one| resolve(tree, one));
    let leaving = resolved.filter(|one| is_inside(one.from) && !is_inside(&one.to));
    leaving.map(|one| told(tree, &one, "outside")).collect()
}

/// The lines of these rooms that spell an option of a command line, which a library does not have. A line that
/// tells how to build with cargo may.
pub(crate) fn options(tree: &Tree, rooms: &[&str]) -> Vec<String> {
    let is_library = |file: &&PathBuf| {
        let place = file.strip_prefix(&tree.folder).unwrap();
        rooms
            .iter()
            .any(|room| place.starts_with(room) || place == Path::new(&format!("{room}.rs")))
    };
    let files = tree.sources.iter().filter(is_library);
    let lines = files.flat_map(|file| {
        let text = fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let spelt = text.lines().filter(|line| spells_an_option(line));
        let told = spelt.map(|line| format!("{}: {}", file.display(), line.trim()));
        told.collect::<Vec<String>>()
    });
    lines.collect()
}

fn spells_an_option(line: &str) -> bool {
    let is_code = !line.trim_start().starts_with("//") && !line.contains("cargo build");
    let mut behind = line.split("--").skip(1);
    is_code && behind.any(|text| text.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// The files in the folder of these crates that none of them knows.
pub(crate) fn orphans(trees: &[Tree]) -> Vec<PathBuf> {
    let known: BTreeSet<&PathBuf> = trees
        .iter()
        .flat_map(|tree| tree.modules.values())
        .collect();
    let mut found = files_below(&trees[0].folder);
    found.retain(|file| !known.contains(file));
    found
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.flat_map(|path| {
        if path.is_dir() {
            files_below(&path)
        } else {
            vec![path]
        }
    });
    files
        .filter(|file| file.extension().is_some_and(|suffix| suffix == "rs"))
        .collect()
}

/// `None` for what is of another crate, or of the module itself.
fn resolve<'tree>(tree: &'tree Tree, import: &'tree Import) -> Option<Resolved<'tree>> {
    let mut absolute = match import.path[0].as_str() {
        "crate" => Vec::new(),
        "self" | "super" => import.module.clone(),
        child => {
            let child = [&import.module[..], &[child.to_owned()]].concat();
            tree.modules.get(&child)?;
            import.module.clone()
        }
    };
    for segment in &import.path {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(absolute.pop()),
            name => absolute.push(name.to_owned()),
        }
    }
    let length = (0..=absolute.len())
        .rev()
        .find(|length| tree.modules.contains_key(&absolute[..*length]))?;
    let to = absolute[..length].to_vec();
    let is_other = tree.modules[&to] != tree.modules[&import.module];
    is_other.then(|| Resolved {
        from: &import.module,
        name: absolute
            .get(length)
            .or(to.last())
            .cloned()
            .unwrap_or_default(),
        to,
    })
}

fn told(tree: &Tree, import: &Resolved<'_>, what: &str) -> String {
    let (from, to) = (tree.name(import.from), tree.name(&import.to));
    format!("{from} imports {} from {to}: {what}", import.name)
}

/// The rooms that the order does not know.
fn unplaced(tree: &Tree, rooms: &[&str]) -> Vec<String> {
    let declared = tree.modules.keys().filter(|module| module.len() == 1);
    declared
        .filter(|module| !rooms.is_empty() && !rooms.contains(&module[0].as_str()))
        .map(|module| format!("{} has no place in the order of the rooms", module[0]))
        .collect()
}

/// What is imported from the root is a re-export, which hides the room that it is from.
fn through_root(tree: &Tree, import: &Resolved<'_>) -> Option<String> {
    import
        .to
        .is_empty()
        .then(|| told(tree, import, "through the root; name the room"))
}

fn upward(tree: &Tree, import: &Resolved<'_>, rooms: &[&str]) -> Option<String> {
    let place = |module: &[String]| {
        rooms
            .iter()
            .position(|room| Some(*room) == module.first().map(String::as_str))
    };
    let (from, to) = (place(import.from)?, place(&import.to)?);
    (to > from).then(|| told(tree, import, "a higher room"))
}

fn in_circles<'tree>(
    tree: &'tree Tree,
    imports: impl Iterator<Item = &'tree Resolved<'tree>> + Clone,
) -> Vec<String> {
    let mut graph = Graph::new();
    for import in imports.clone() {
        let files = graph.entry(tree.name(import.from)).or_default();
        files.insert(tree.name(&import.to));
    }
    let circles = circles(&graph);
    let circle_of = |import: &Resolved<'_>| {
        let files = [tree.name(import.from), tree.name(&import.to)];
        circles
            .iter()
            .find(|circle| files.iter().all(|file| circle.contains(file)))
            .map(|circle| format!("a circle of {} files", circle.len()))
    };
    imports
        .filter_map(|import| Some(told(tree, import, &circle_of(import)?)))
        .collect()
}
