//! Circles in a graph: the sets of nodes in which each reaches every other one.

use std::collections::{BTreeMap, BTreeSet};

/// Who leads to whom.
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

/// The circles, each in the order of its names.
pub(crate) fn circles(graph: &Graph) -> BTreeSet<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = graph
        .keys()
        .map(|node| (node, reached_from(graph, node)))
        .collect();
    let leads = |from: &String, to: &String| reached.get(from).is_some_and(|all| all.contains(to));
    let circle = |node: &&String| -> BTreeSet<String> {
        let others = reached[*node].iter().filter(|other| leads(other, node));
        others.map(|other| (*other).clone()).collect()
    };
    let circles = reached.keys().map(circle);
    circles.filter(|circle| circle.len() > 1).collect()
}

fn reached_from<'graph>(graph: &'graph Graph, node: &String) -> BTreeSet<&'graph String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&String> = graph[node].iter().collect();
    while let Some(node) = next.pop() {
        if reached.insert(node) {
            next.extend(graph.get(node).into_iter().flatten());
        }
    }
    reached
}
