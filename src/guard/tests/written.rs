//! Files that commands of a line write.

use super::place;
use crate::guard::verdict::{Reach, Verdict};
use crate::guard::{Place, Rules, classify_line};

/// Returns what is written: below a folder with `/`, what is changed there with `!`, and with `?`
/// what is not known.
fn written(verdict: &Verdict) -> String {
    let short = |path: &str| match path.strip_prefix("/repo") {
        Some("") => ".".to_owned(),
        Some(rest) => rest.trim_start_matches('/').to_owned(),
        None => path.to_owned(),
    };
    let with = |path: &str, pattern: Option<&str>| match pattern {
        None => short(path),
        Some(pattern) if path == "/repo" => pattern.to_owned(),
        Some(pattern) => format!("{}/{pattern}", short(path)),
    };
    let mut all: Vec<String> = Vec::new();
    for write in &verdict.writes {
        let end = match write.reach {
            Reach::File => "",
            Reach::Below => "/",
            Reach::Discarded | Reach::Tree => "!",
        };
        all.push(with(&write.path, write.pattern.as_deref()) + end);
    }
    for write in &verdict.unnamed_writes {
        let within = write.within.as_ref();
        let within = within.map(|(folder, pattern)| with(folder, Some(pattern)));
        all.push(within.unwrap_or_default() + "?");
    }
    all.join(" ")
}

fn check(rows: &[(&str, &str)]) {
    let place = Place {
        cwd: Some("/repo".to_owned()),
        root: Some("/repo".to_owned()),
        dir: Some(String::new()),
        home: Some("/home/me".to_owned()),
        ..place()
    };
    let rules = Rules::shipped();
    let mut wrong = String::new();
    for (line, expected) in rows {
        let verdict = classify_line(line, &rules, &place);
        let said = written(&verdict);
        if said != *expected {
            wrong += &format!("{line}\n  expected {expected}\n  said     {said}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn words_that_a_shell_expands_are_patterns() {
    check(&[
        ("rm src/*", "src/*"),
        ("rm -rf *", "*/"),
        ("rm src/{a,b}.rs", "src/{a,b}.rs"),
        ("rm src/[ab]?", "src/[ab]?"),
        ("rm src/{1..9}", "src/*"),
        ("rm '*'", "*"),
        ("sed -i s/x/y/ src/*.rs docs/*", "src/*.rs docs/*"),
        ("for f in src/*.rs; do rm \"$f\"; done", "src/*.rs"),
        ("for f in src/*.rs; do rm \"$f.bak\"; done", "?"),
        ("D=src; rm $D/*.o", "src/*.o"),
        ("rm \"$PWD/src/a\"", "src/a"),
        ("cd src && rm \"$(git rev-parse --show-toplevel)/a\"", "a"),
        ("cd $(git rev-parse --show-toplevel) && rm a", "a"),
        ("rm \"$HOME/x\" ~/y", "/home/me/x /home/me/y"),
        ("rm $X/a", "?"),
        ("rm src/$X", "src/**?"),
        ("rm ${F:-src/b}", "?"),
        ("echo x > log_$(date +%F).txt", "log_*?"),
        ("echo x > ~/log-$X", "/home/me/log-*?"),
        ("trap 'rm -rf $tmp' EXIT; tmp=$(mktemp)", ""),
        ("cd $DIR && rm a", "?"),
        ("git ls-files | xargs sed -i s/x/y/", "?"),
        ("sed -i s/x/y/ $(git ls-files)", "?"),
        ("T=$(mktemp -d); rm -rf \"$T\"; echo x > \"$T/a\"", ""),
        ("rm -rf \"${TMPDIR:-/tmp}/x\"", ""),
        ("echo x >&$fd", ""),
    ]);
}

#[test]
fn what_is_written_into_a_folder_has_the_name_of_its_source() {
    check(&[
        ("cp /tmp/a src/", "src src/a"),
        ("cp -r /tmp/a b src", "src src/a/ src/b/"),
        ("cp -t src /tmp/a", "src src/a"),
        ("cp --target-directory=src /tmp/a", "src src/a"),
        ("mv a src", "a/ src src/a/"),
        ("cp /tmp/*.rs src", "src src/*.rs"),
        ("cp -r /tmp/x/. src", "src src/**?"),
        ("install -m 644 a src/", "src src/a"),
        ("ln -sf ../a", ". a"),
        ("rsync a src/", "src src/a/"),
        ("rsync -a /tmp/a/ src/", "src/**?"),
        ("rsync -a --delete /tmp/a/ src/", "src/"),
        ("rsync -a src/ host:src/", ""),
        ("tar -xzf a.tgz -C src", "src/**?"),
        ("tar xzf a.tgz src/a", "src/a/"),
        ("tar -czf out.tgz src", "out.tgz"),
        ("tar -tzf a.tgz", ""),
        ("unzip -d src a.zip", "src/**?"),
        ("unzip -l a.zip", ""),
        ("patch -p1 < x", "**?"),
        ("patch src/a < x", "src/a"),
        ("git apply x.patch", "**?"),
        ("git apply --check x.patch", ""),
    ]);
}

#[test]
fn options_name_files_in_every_spelling() {
    check(&[
        ("curl -so a http://x", "a"),
        ("curl --output=a http://x", "a"),
        ("curl -o a --output-dir src http://x", "src/a"),
        ("wget -qO a http://x", "a"),
        ("sed -i -es/x/y/ a", "a"),
        ("sed --expression=s/x/y/ -i a", "a"),
        ("sed -n -e 1p a", ""),
        ("perl -0777pi -e 1 a", "a"),
        ("perl -pe 1 a", ""),
        ("dd if=/dev/zero of=a", "a"),
        ("sort -o a b", "a"),
        ("touch a", "a"),
        ("gpg -o a -d b", "a"),
        ("find src -delete", "src/"),
        ("find src -name '*.o' -delete", "src/**/*.o?"),
        ("find src -name '*.o' -exec rm {} +", "src/**/*.o?"),
        ("find . -name '*.o' -print", ""),
        ("gofmt -w a.go", "a.go"),
        ("gofmt -l a.go", ""),
        ("git log --output=a", "a"),
        ("git archive -o a HEAD", "a"),
        ("Remove-Item src/a", "src/a/"),
        ("Set-Content -Path a -Value x", "a"),
        ("'x' | Out-File a", "a"),
        ("Copy-Item a -Destination src", "src src/a/"),
        ("Remove-Item a -WhatIf", ""),
        ("pwsh -c 'Remove-Item src/a'", "src/a/"),
    ]);
}

#[test]
fn git_reads_patterns_itself() {
    check(&[
        ("git rm 'src/*'", "src/**/*/"),
        ("git rm 'src/*.rs'", "src/**/*.rs/"),
        ("cd src && git restore :/b", "b/"),
        ("git restore ':(top)b' ':!c'", "b/"),
        ("git rm -r ':(glob)src/**'", "src/**/"),
        ("git checkout HEAD a", "HEAD/ a/"),
        ("git checkout -b a", ""),
        ("git checkout \"$BRANCH\"", ""),
        ("git checkout -fq", ".!"),
        ("git switch -f main", ".!"),
        ("git restore .", ".!"),
    ]);
}

#[test]
fn what_runs_later_writes_what_it_says() {
    check(&[
        ("f() { rm a; }; f", "a"),
        ("f() { rm a; }", ""),
        ("f() { rm \"$1\"; }; f src/b", "src/b"),
        ("f() { g; }; g() { echo x > a; }; cd src && f", "src/a"),
        ("trap 'rm a' EXIT", "a"),
        ("git presence run node:a -- rm a", "a"),
        ("docker exec web rm a", ""),
        ("ssh web rm a", ""),
    ]);
}

#[test]
fn the_rest_of_many_files_is_told() {
    let names: Vec<String> = (0..300).map(|n| format!("f{n}")).collect();
    let (rules, place) = (Rules::shipped(), place());
    let judged = |line: String| classify_line(&line, &rules, &place);
    let many = judged(format!("rm {}", names.join(" ")));
    assert!(many.unnamed_writes.iter().any(|write| write.is_rest));
    let few = judged(format!("rm {}", names[..256].join(" ")));
    assert!(few.unnamed_writes.is_empty());
}
