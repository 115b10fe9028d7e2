//! One command judged.
//!
//! Owns what surrounds a command, which rule it falls under, what it carries, and the parts of the
//! verdict. Never knows a program but by the rules, and by `carried` where rules do not suffice.

use super::call::{Call, Carried};
use super::place::{Place, State};
use super::rules::{Carry, From, Outcome, Program, Rules, Ruling};
use super::shell::{self, Word};
use super::template::{Template, Touched};
use super::{Class, Part, RuleName, Verdict};
use crate::model::resource::Resource;

/// More commands of one line are not judged.
pub(super) const COMMANDS_MAX: usize = 512;
/// A command with more words is not judged.
const WORDS_MAX: usize = 4096;
/// More programs that start one another are not looked through.
const THROUGH_MAX: usize = 10;
const COMMAND_BYTES_MAX: usize = 240;

pub(super) struct Judge<'r> {
    pub(super) rules: &'r Rules,
    pub(super) place: &'r Place,
    pub(super) parts: Vec<Part>,
    pub(super) commands: usize,
}

/// What surrounds a command.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// How deep the script is that it stands in.
    pub(super) depth: usize,
    pub(super) through: Vec<String>,
    pub(super) within: Vec<Resource>,
    pub(super) covered: bool,
    /// It runs inside something that any command changes which is not known to read only.
    pub(super) inside: Option<Inside>,
    pub(super) stdin: Input,
}

/// What a command that is not known changes, by where it runs.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    touched: Touched,
    name: RuleName,
}

#[derive(Clone, Debug)]
pub(super) enum Input {
    /// That of the line.
    Inherited,
    /// A pipe or a file: what it will hold is not known.
    Elsewhere,
    Text(Word),
}

pub(super) fn line(line: &str, rules: &Rules, place: &Place) -> Verdict {
    let mut judge = Judge::new(rules, place);
    let scene = Scene::outermost();
    judge.script(line, "the line", &scene, &mut State::new(place));
    Verdict { parts: judge.parts }
}

pub(super) fn arguments(arguments: &[String], rules: &Rules, place: &Place) -> Verdict {
    let mut judge = Judge::new(rules, place);
    let words: Vec<Word> = arguments.iter().map(Word::literal).collect();
    judge.words(&words, &Scene::outermost(), &mut State::new(place));
    Verdict { parts: judge.parts }
}

impl Scene {
    fn outermost() -> Self {
        Self {
            depth: 0,
            through: Vec::new(),
            within: Vec::new(),
            covered: false,
            inside: None,
            stdin: Input::Inherited,
        }
    }

    pub(super) fn deeper(&self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    pub(super) fn reading(&self, stdin: Input) -> Self {
        Self {
            stdin,
            ..self.clone()
        }
    }
}

impl<'r> Judge<'r> {
    fn new(rules: &'r Rules, place: &'r Place) -> Self {
        Self {
            rules,
            place,
            parts: Vec::new(),
            commands: 0,
        }
    }

    /// Judge a program with its arguments.
    pub(super) fn words(&mut self, words: &[Word], scene: &Scene, state: &mut State) {
        self.commands += 1;
        if self.commands > COMMANDS_MAX {
            if self.commands == COMMANDS_MAX + 1 {
                let why = format!("only the first {COMMANDS_MAX} commands are judged");
                self.unknown(words, why, scene);
            }
            return;
        }
        let Some((first, rest)) = words.split_first() else {
            return;
        };
        if scene.through.len() > THROUGH_MAX {
            let why = format!("more than {THROUGH_MAX} programs start one another");
            return self.unknown(words, why, scene);
        }
        if words.len() > WORDS_MAX {
            let why = format!("it has more than {WORDS_MAX} words");
            return self.unknown(words, why, scene);
        }
        let Some(name) = program_of(first) else {
            let why = format!("the program is an expansion: {}", first.excerpt);
            return self.unknown(words, why, scene);
        };
        if self.moved(name, rest, state) || self.started(name, words, rest, scene, state) {
            return;
        }
        let Some(program) = self.rules.program(name) else {
            let why = format!("no rule knows {name}");
            return self.part(
                words,
                scene,
                Class::Unmatched,
                why,
                None,
                Touched::default(),
            );
        };
        if let Some(stands_for) = &program.stands_for {
            let mut meant: Vec<Word> = stands_for.iter().map(Word::literal).collect();
            meant.extend(rest.iter().cloned());
            let mut scene = scene.clone();
            scene.through.push(name.to_owned());
            return self.words(&meant, &scene, state);
        }
        self.call(name, program, words, scene, state);
    }

    fn call(
        &mut self,
        name: &str,
        program: &Program,
        words: &[Word],
        scene: &Scene,
        state: &State,
    ) {
        let mut call = Call::new(program, &words[1..]);
        let mut state = state.clone();
        for dir in &call.dirs {
            state.enter(dir, self.place);
        }
        let outcome = match call.outcome() {
            Ok(outcome) => outcome,
            Err(why) => return self.unknown(words, why, scene),
        };
        let carries = match outcome.map(|outcome| &outcome.ruling) {
            None | Some(Ruling::Covered | Ruling::Inside) => call.carried.is_some(),
            Some(_) => false,
        };
        if carries {
            return self.carried(words, &call, outcome, scene, state);
        }
        let Some(outcome) = outcome else {
            if call.is_bare() && (program.carries.is_empty() || words.len() == 1) {
                let why = format!("{name} alone does nothing");
                return self.part(words, scene, Class::Reading, why, None, Touched::default());
            }
            if program.outcomes.is_empty() {
                return self.started_nothing(name, program, &call, words, scene, &state);
            }
            let why = format!("no rule knows what {name} {} does", call.verb());
            return self.unknown(words, why.trim_end().to_owned(), scene);
        };
        self.by_rule(&call, outcome, words, scene, &state);
    }

    /// A program that starts others, without one. What runs a shell somewhere else reads its input.
    fn started_nothing(
        &mut self,
        name: &str,
        program: &Program,
        call: &Call<'_>,
        words: &[Word],
        scene: &Scene,
        state: &State,
    ) {
        let reads = |carry: &&Carry| carry.as_shell && matches!(carry.from, From::Word(2..));
        let carry = program.carries.iter().find(reads);
        match (carry, &scene.stdin) {
            (Some(carry), Input::Text(text)) => {
                let words = vec![text.clone()];
                self.carry(
                    name,
                    call,
                    &Carried { words, carry },
                    scene.clone(),
                    state.clone(),
                );
            }
            (Some(_), Input::Elsewhere) => {
                self.unknown(words, "its script comes from its input".to_owned(), scene);
            }
            _ => {
                let why = format!("{name} is given no command that could be judged");
                self.part(
                    words,
                    scene,
                    Class::Unmatched,
                    why,
                    None,
                    Touched::default(),
                );
            }
        }
    }

    pub(super) fn fill(
        &self,
        templates: &[Template],
        call: &Call<'_>,
        state: &State,
        into: &mut Touched,
    ) {
        for template in templates {
            template.fill(call, state, self.place, into);
        }
    }

    /// Judge what a program starts.
    fn carried(
        &mut self,
        words: &[Word],
        call: &Call<'_>,
        outcome: Option<&Outcome>,
        scene: &Scene,
        state: State,
    ) {
        let Some(carried) = &call.carried else {
            return;
        };
        if let (From::Word(_), Err(why)) = (&carried.carry.from, call.is_sure()) {
            let why = format!("{why}, so that it is not certain where the command begins");
            return self.unknown(words, why, scene);
        }
        let name = words.first().and_then(program_of).unwrap_or_default();
        let mut inner = scene.clone();
        inner.through.push(name.to_owned());
        if let Some(outcome) = outcome.filter(|outcome| outcome.ruling == Ruling::Inside) {
            let mut touched = Touched::default();
            self.fill(&outcome.resources, call, &state, &mut touched);
            let mut around = Touched::default();
            self.fill(&outcome.within, call, &state, &mut around);
            inner.within.extend(around.resources);
            let name = outcome.name.clone();
            inner.inside = Some(Inside { touched, name });
        }
        inner.covered |= outcome.is_some_and(|outcome| outcome.ruling == Ruling::Covered);
        self.carry(name, call, carried, inner, state);
    }

    /// Judge the words of a command where it runs.
    fn carry(
        &mut self,
        name: &str,
        call: &Call<'_>,
        carried: &Carried<'_>,
        mut inner: Scene,
        mut state: State,
    ) {
        if inner.through.last().is_none_or(|last| last != name) {
            inner.through.push(name.to_owned());
        }
        if !carried.carry.within.is_empty() {
            let mut around = Touched::default();
            self.fill(&carried.carry.within, call, &state, &mut around);
            inner.within.extend(around.resources);
            state.elsewhere(&format!("{name} runs it somewhere else"));
        }
        match carried.carry.as_shell {
            true => self.joined(&carried.words, &inner, &mut state),
            false => {
                let words = assigned(&carried.words, &mut state);
                self.words(words, &inner, &mut state);
            }
        }
    }

    pub(super) fn unknown(&mut self, words: &[Word], why: String, scene: &Scene) {
        let class = Class::Unknown(why.clone());
        self.part(words, scene, class, why, None, Touched::default());
    }

    pub(super) fn part(
        &mut self,
        words: &[Word],
        scene: &Scene,
        mut class: Class,
        mut why: String,
        mut rule: Option<RuleName>,
        mut touched: Touched,
    ) {
        if let (Class::Unmatched, Some(inside)) = (&class, &scene.inside) {
            class = Class::Mutating;
            why = format!("{why}, and it may change what it runs in");
            rule = Some(inside.name.clone());
            touched = inside.touched.clone();
        }
        let is_silent = touched.resources.is_empty() && touched.unnamed.is_empty();
        if class == Class::Mutating && is_silent {
            touched.unsure("nothing on the line names what it touches");
        }
        let program = words.first().and_then(program_of);
        let mut within: Vec<Resource> = Vec::new();
        for resource in &scene.within {
            if !within.contains(resource) {
                within.push(resource.clone());
            }
        }
        self.parts.push(Part {
            command: written(words),
            program: program.unwrap_or_default().to_owned(),
            class,
            resources: touched.resources,
            within,
            unnamed: touched.unnamed,
            why,
            rule,
            through: scene.through.clone(),
            covered: scene.covered,
        });
    }
}

/// Take the leading `NAME=value` words, which `env` and `sudo` read as assignments.
fn assigned<'w>(words: &'w [Word], state: &mut State) -> &'w [Word] {
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        // `env -` is `env -i`.
        if first.known() == Some("-") {
            rest = after;
            continue;
        }
        let Some((name, _)) = first.text.split_once('=') else {
            break;
        };
        if !shell::is_name(name) {
            break;
        }
        let value = first.after(name.len() + 1);
        state.variables.insert(name.to_owned(), value);
        rest = after;
    }
    rest
}

/// The name of a program, without folder and `.exe`. The folder need not be certain.
fn program_of(word: &Word) -> Option<&str> {
    let path = match word.dynamic {
        true => Some(&word.tail).filter(|tail| tail.contains('/'))?,
        false => &word.text,
    };
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    Some(name).filter(|name| !word.dynamic || !name.is_empty())
}

/// A command as it is written, cut.
fn written(words: &[Word]) -> String {
    let mut text = String::new();
    for word in words {
        if text.len() > COMMAND_BYTES_MAX {
            text.push_str(" …");
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.excerpt);
    }
    text
}
