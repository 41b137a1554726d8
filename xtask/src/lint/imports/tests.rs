//! The check finds violations in small crates, and the project passes it.

use std::collections::BTreeSet;

use super::layers::Layers;
use super::sources::{Sources, Target};
use super::{Findings, find, unreached};

/// Reads a crate of these files; the first is the root.
fn read(files: &[(&str, &str)], layers: Option<Layers>) -> Findings {
    let sources = Sources::from_files(files);
    let target = Target {
        name: "small".into(),
        is_main: true,
        root: files[0].0.into(),
    };
    let findings = find(&sources, &target, layers, &mut BTreeSet::new());
    findings.expect("the files are Rust")
}

/// Asserts that these files are a circle, and no others are; returns its description.
fn circle(files: &[(&str, &str)], circle: &[&str]) -> String {
    let findings = read(files, None);
    assert_eq!(findings.circles.len(), 1, "{findings:#?}");
    let title = format!("a circle of {} files:", circle.len());
    assert!(findings.circles[0].starts_with(&title), "{findings:#?}");
    for file in circle {
        let line = format!("\n  {file}\n");
        assert!(findings.circles[0].contains(&line), "{file}: {findings:#?}");
    }
    findings.circles[0].clone()
}

fn no_circle(files: &[(&str, &str)]) {
    let findings = read(files, None);
    assert!(findings.circles.is_empty(), "{findings:#?}");
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let text = circle(
        &[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "\nuse super::{a::{A}, c}; pub struct B(A, c::C);"),
            ("c.rs", "pub struct C;"),
        ],
        &["a.rs", "b.rs"],
    );
    assert!(text.contains("→ a.rs\n         2: super::a::A"), "{text}");
}

#[test]
fn declarations_and_paths_through_a_module_are_no_arrows() {
    no_circle(&[
        ("lib.rs", "pub mod a; pub fn f() { a::f() }"),
        ("a/mod.rs", "pub mod b; pub mod c; pub fn f() { b::f() }"),
        (
            "a/b.rs",
            "use crate::a::c; pub fn f() { c::f(); super::c::f() }",
        ),
        ("a/c.rs", "use mm::a; use std::fmt; pub fn f() { a::b(); }"),
    ]);
}

#[test]
fn a_child_and_the_parent_that_uses_it_are_a_circle() {
    let child = ("a/b.rs", "use super::A; pub fn f(_: A) {}");
    circle(
        &[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; pub struct A; fn g() { b::f(A) }"),
            child,
        ],
        &["a/mod.rs", "a/b.rs"],
    );
    no_circle(&[
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; pub struct A;"),
        child,
    ]);
}

#[test]
fn a_circle_may_lead_through_a_re_export() {
    for facade in [
        "pub use b::B;",
        "pub(crate) use self::b::{B as B};",
        "pub use b::*;",
    ] {
        let facade = format!("mod b; mod c; {facade}");
        circle(
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", &facade),
                ("a/b.rs", "use crate::a::c::C; pub struct B(C);"),
                ("a/c.rs", "use super::B; pub struct C(Box<B>);"),
            ],
            &["a/mod.rs", "a/b.rs", "a/c.rs"],
        );
    }
    // A whole module that is re-exported.
    circle(
        &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub use crate::b as other; pub fn f() {}"),
            ("b.rs", "pub fn f() { crate::a::other::f(); }"),
        ],
        &["a.rs", "b.rs"],
    );
}

#[test]
fn paths_inside_functions_and_types_are_arrows() {
    for body in [
        "pub fn f() { crate::b::f(); }",
        "use crate::b; pub fn f() { b::f(); }",
        "use super::b as other; pub fn f() { let x = 1; other::f(); }",
        "pub fn f() { use crate::b; b::f(); }",
        "pub struct S(Vec<super::b::S>);",
        "pub fn f<T: crate::b::T>() {}",
        "pub fn f(x: u8) { match x { crate::b::X => {} _ => {} } }",
        "impl crate::b::T for u8 {}",
        "mod inner { pub fn f() { super::super::b::f(); } }",
        "use crate::b::*;",
    ] {
        circle(
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", body),
                (
                    "b.rs",
                    "pub const X: u8 = 1; pub struct S; pub trait T {} pub fn f() { crate::a::f(); }",
                ),
            ],
            &["a.rs", "b.rs"],
        );
    }
}

#[test]
fn paths_inside_macros_are_arrows() {
    for body in [
        "fn g() { println!(\"{}\", crate::b::f()); }",
        "fn g() { vec![super::b::f(), 1]; }",
        "use crate::b; fn g() { assert!(b::f() == 1); }",
        "macro_rules! m { () => { $crate::b::f() } }",
        "table! { use crate::b::{f, g}; }",
        "fn g() { check!(1); }",
    ] {
        circle(
            &[
                ("lib.rs", "#[macro_use] mod b; mod a;"),
                ("a.rs", &format!("pub fn f() {{}} {body}")),
                (
                    "b.rs",
                    "macro_rules! check { ($x:expr) => {} } pub fn f() { crate::a::f(); }",
                ),
            ],
            &["a.rs", "b.rs"],
        );
    }
}

#[test]
fn a_macro_may_declare_the_modules_that_it_lists() {
    circle(
        &[
            ("lib.rs", "mod list;"),
            ("list/mod.rs", "pub struct Item; lessons! { buddy, }"),
            ("list/buddy.rs", "use super::Item;"),
        ],
        &["list/mod.rs", "list/buddy.rs"],
    );
}

#[test]
fn alternatives_count_and_files_are_found_where_a_path_says() {
    circle(
        &[
            (
                "src/main.rs",
                "mod a; #[cfg(x)] mod b; #[cfg(not(x))] #[path = \"absent/b.rs\"] mod b;",
            ),
            ("src/a.rs", "use crate::b::B; pub struct A;"),
            ("src/b.rs", "pub struct B;"),
            ("src/absent/b.rs", "use crate::a::A; pub struct B;"),
        ],
        &["src/a.rs", "src/absent/b.rs"],
    );
}

#[test]
fn tests_may_use_everything() {
    no_circle(&[
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod helpers;"),
        (
            "a.rs",
            "pub struct A; #[cfg(test)] use crate::b::B; #[cfg(all(test, x))] mod tests { use crate::b; }
             #[test] fn t() { crate::b::f(); }",
        ),
        ("b.rs", "use crate::a::A; pub struct B; pub fn f() {}"),
        ("helpers.rs", "use crate::a::A; use crate::b::B;"),
    ]);
    circle(
        &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A; #[cfg(not(test))] use crate::b::B;"),
            ("b.rs", "use crate::a::A; pub struct B;"),
        ],
        &["a.rs", "b.rs"],
    );
}

#[test]
fn an_arrow_against_the_layers_is_found() {
    let files = [
        ("lib.rs", "mod low; mod middle; mod high; use high::H;"),
        ("low.rs", "pub struct L;"),
        ("middle/mod.rs", "pub mod part;"),
        (
            "middle/part.rs",
            "use crate::low::L; pub struct M(crate::high::H);",
        ),
        ("high.rs", "pub struct H; use crate::middle::part;"),
    ];
    let layers: Layers = &[&["low"], &["middle"], &["high"], &["crate"]];
    let findings = read(&files, Some(layers));
    let expected = "middle/part.rs uses high.rs, which is not below it (middle → high)";
    assert_eq!(findings.against.len(), 1, "{findings:#?}");
    assert!(findings.against[0].starts_with(expected), "{findings:#?}");

    // Modules of the same layer do not use each other.
    let layers: Layers = &[&["low", "middle"], &["middle::part", "high"], &["crate"]];
    assert_eq!(read(&files, Some(layers)).against.len(), 1);
    // A folder that is not in the table.
    let layers: Layers = &[&["low"], &["high"], &["crate"]];
    let without_layer = read(&files, Some(layers)).without_layer;
    assert!(
        without_layer.iter().any(|line| line.contains("`middle`")),
        "{without_layer:?}"
    );
}

#[test]
fn a_file_that_is_overlooked_is_an_error() {
    let sources = Sources::from_files(&[("lib.rs", "mod a;"), ("a.rs", ""), ("b.rs", "")]);
    let reached = ["lib.rs", "a.rs"].map(Into::into).into();
    assert_eq!(
        unreached(&sources, &reached),
        ["b.rs: no module declaration reaches this file"]
    );
}

#[test]
fn the_project_has_no_circle_and_keeps_its_layers() {
    if let Err(error) = super::check() {
        panic!("{error}");
    }
}
