//! The tables of `docs/json.md`, compared with the shapes that are printed.
//!
//! Owns how a shape becomes a table. `UPDATE_DOCS=1 cargo test --lib output` writes them anew.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::{
    agent_hooks, audit, board, claims, doctor, failure, gc, glance, guard, handoff, hooks,
    instructions, learned, measured, messages, news, offers, reconciled, registry, remote,
    rules_in_use, sessions, setup, shapes, states, supervisor, task_shapes, turns,
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md");

/// The name of a table on the page, and its lines.
pub(super) type Table = (&'static str, String);

/// Returns all tables of the page.
fn tables() -> Vec<Table> {
    let areas = [
        shapes::tables(),
        failure::tables(),
        claims::tables(),
        news::tables(),
        offers::tables(),
        turns::tables(),
        instructions::tables(),
        handoff::tables(),
        messages::tables(),
        states::tables(),
        supervisor::tables(),
        glance::tables(),
        task_shapes::tables(),
        remote::tables(),
        gc::tables(),
        board::tables(),
        registry::tables(),
        reconciled::tables(),
        sessions::tables(),
        hooks::tables(),
        audit::tables(),
        guard::tables(),
        learned::tables(),
        measured::tables(),
        rules_in_use::tables(),
        setup::tables(),
        agent_hooks::tables(),
        doctor::tables(),
    ];
    areas.into_iter().flatten().collect()
}

/// Returns the table of all fields of a shape.
pub(super) fn whole<T: JsonSchema>(name: &'static str) -> Table {
    (name, fields(&schema::<T>(), &[]))
}

pub(super) fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Returns the fields of an object, without those that it takes over from another shape.
fn own(schema: &Value, but: &[&Value]) -> Map<String, Value> {
    let properties = |schema: &Value| schema["properties"].as_object().cloned();
    let mut all = properties(schema).expect("an object");
    for other in but {
        for name in properties(other).expect("an object").keys() {
            assert!(all.remove(name).is_some(), "{name} is not taken over");
        }
    }
    all
}

/// Returns a row for each field of an object: its name, its type, what it means.
pub(super) fn fields(schema: &Value, but: &[&Value]) -> String {
    let mut out = "| Field | Type | Meaning |\n|---|---|---|\n".to_owned();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, field) in own(schema, but) {
        let is_optional = !required.contains(&Value::from(name.as_str()));
        let meaning = words(&field).unwrap_or_else(|| panic!("{name} is not described"));
        let kind = kind(&field, is_optional);
        out.push_str(&format!("| `{name}` | {kind} | {meaning} |\n"));
    }
    out
}

/// Returns a row for each shape that `relation` names.
pub(super) fn relations(schema: &Value, claim: &Value) -> String {
    let mut out = "| `relation` | What it is | Fields |\n|---|---|---|\n".to_owned();
    for shape in schema["oneOf"].as_array().expect("several shapes") {
        let relation = shape["properties"]["relation"]["const"].as_str();
        let relation = relation.expect("a word");
        let meaning = words(shape).unwrap_or_else(|| panic!("{relation} is not described"));
        let mut shape = shape.clone();
        // What a variant holds is described once and referred to.
        if let Some(name) = shape["$ref"].as_str() {
            let name = name.rsplit('/').next().expect("a name");
            shape = schema["$defs"][name].clone();
        }
        let has_claim = shape["properties"].get("claimed_at").is_some();
        let taken_over: Vec<&Value> = has_claim.then_some(claim).into_iter().collect();
        let own = own(&shape, &taken_over);
        let names = own.iter().filter(|(name, _)| *name != "relation");
        let names = names.map(|(name, field)| {
            let meaning = words(field).unwrap_or_else(|| panic!("{name} is not described"));
            format!("`{name}`: {meaning}")
        });
        let claim = has_claim.then(|| "those of a claim".to_owned());
        let names: Vec<String> = claim.into_iter().chain(names).collect();
        out.push_str(&format!(
            "| `{relation}` | {meaning} | {} |\n",
            names.join("; ")
        ));
    }
    out
}

fn words(schema: &Value) -> Option<String> {
    let text = schema["description"].as_str()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Returns the type of a field in the words of the page.
fn kind(field: &Value, is_optional: bool) -> String {
    let listed = field["type"].as_array();
    let alternatives = field["anyOf"].as_array();
    let nullable = listed.is_some_and(|all| all.contains(&Value::from("null")))
        || alternatives.is_some_and(|all| all.iter().any(|one| one["type"] == "null"));
    let single = listed.map_or(&field["type"], |all| &all[0]);
    let kind = match single.as_str() {
        Some("string") if field["format"] == "date-time" => "time",
        Some("string") => "string",
        Some("integer") => "number",
        Some("boolean") => "boolean",
        Some("object") if field["additionalProperties"]["type"] == "integer" => "object of numbers",
        Some("array") if field["items"]["type"] == "string" => "array of strings",
        Some("array") => "array of objects",
        None if alternatives.is_some_and(|all| all[0]["format"] == "date-time") => "time",
        None => "object",
        Some(other) => panic!("{other} has no word"),
    };
    match (is_optional, nullable) {
        (true, _) => format!("{kind}, not always"),
        (false, true) => format!("{kind} or null"),
        (false, false) => kind.to_owned(),
    }
}

/// Returns the page with the text between the marks of `name` replaced.
fn replaced(page: &str, name: &str, table: &str) -> String {
    let begin = format!("<!-- generated: {name} -->\n");
    let start = page.find(&begin).map(|at| at + begin.len());
    let start = start.unwrap_or_else(|| panic!("{PAGE} has no table {name:?}"));
    let end = page[start..].find("<!-- end -->").expect("an end");
    format!("{}\n{table}\n{}", &page[..start], &page[start + end..])
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "who runs the test asks for new tables in the environment"
)]
fn the_page_about_json_has_every_field_and_no_other() {
    let written = std::fs::read_to_string(PAGE).unwrap();
    let mut page = written.clone();
    let tables = tables();
    for (name, table) in &tables {
        page = replaced(&page, name, table);
    }
    let marks = page.matches("<!-- generated: ").count();
    assert_eq!(marks, tables.len(), "a table on the page is not generated");
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        std::fs::write(PAGE, &page).unwrap();
        return;
    }
    let differs = page
        .lines()
        .zip(written.lines())
        .find(|(now, then)| now != then);
    assert!(
        page == written,
        "{PAGE} is not what is printed (UPDATE_DOCS=1 writes it anew): {differs:?}"
    );
}
