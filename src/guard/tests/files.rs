//! Files of a project: what is judged of a task or a script by what its file has.
//!
//! Owns the files and the lines. Never touches a disk.

use super::{place, said};
use crate::guard::{FILE_BYTES_MAX, Files, Place, Rules, Verdict, classify_line};

const MAKEFILE: &str = "\
STACK ?= prod
KUBECTL := kubectl --context $(STACK)
.PHONY: deploy test
test:
\tcargo test
build: test
\tdocker build -t web .
deploy: build
\t@echo deploying
\tcd $(STACK) && \\
\t  terraform apply -auto-approve
\t$(KUBECTL) rollout restart deploy/web
loop: loop
\tterraform apply
again:
\t$(MAKE) deploy STACK=staging
remote:
\tssh web-1 sudo systemctl restart nginx
opaque:
\t./ship-it
named:
\tnode deploy.js
endless = $(endless)
turns:
\thelm uninstall $(endless)
";

const JUSTFILE: &str = "\
host := 'web-1'
default: test
test:
  cargo test
[private]
deploy env='staging': test
  @terraform -chdir={{env}} apply
  ssh {{host}} reboot
script:
  #!/usr/bin/env bash
  set -e
  helm upgrade web ./chart
other:
  #!/usr/bin/env python3
  print('helm upgrade web .')
";

const PACKAGE: &str = r#"{
  "name": "x", "version": "1.0.0", "private": true, "files": ["a", {"b": [1, 2]}],
  "scripts": {
    "build": "tsc", "predeploy": "npm run build", "deploy": "vercel --prod",
    "db": "prisma migrate deploy \u0026\u0026 echo \"done\"", "test": "jest",
    "all": "npm run deploy && npm run db"
  }
}"#;

const TASKFILE: &str = "\
version: '3'
tasks:
  build:
    cmds:
      - go build ./...
  deploy:
    desc: deploys
    deps: [build]
    cmds:
      - task: push
      - cmd: terraform apply
      - |
        cd infra
        helm upgrade web .
  push:
    cmds:
      - docker push registry/{{.NAME}}
";

fn text_of(path: &str) -> Option<String> {
    let text = match path.strip_prefix("/repo/infra/")? {
        "Makefile" => MAKEFILE,
        "justfile" => JUSTFILE,
        "package.json" => PACKAGE,
        "Taskfile.yml" => TASKFILE,
        "mise.toml" => {
            "[tasks.ship]\nrun = \"terraform apply\"\n[tasks]\nlook = 'terraform plan'\n"
        }
        "composer.json" => r#"{"scripts": {"ship": ["@build", "dep deploy"], "build": "npm ci"}}"#,
        "Rakefile" => {
            "namespace :db do\n  task :ship => :look do\n    sh \"terraform apply\"\n  end\n  task :look do\n  end\nend\n"
        }
        "run.sh" => "#!/bin/bash\nset -e\nTARGET=web\nhelm uninstall $TARGET\n",
        "tool" => "#!/usr/bin/env bash\nterraform destroy\n",
        "deploy.sh" => "#!/bin/sh\ncargo build\n",
        "release" => "#!/usr/bin/env python3\nprint()\n",
        "a.sh" => "./b.sh\n",
        "b.sh" => "./c.sh\n",
        "c.sh" => "./d.sh\n",
        "d.sh" => "terraform apply\n",
        "self.sh" => "./self.sh\n",
        _ => return None,
    };
    Some(text.to_owned())
}

fn judged(line: &str) -> Verdict {
    let place = Place {
        files: Some(Files::new(text_of)),
        ..place()
    };
    classify_line(line, &Rules::shipped(), &place)
}

fn check(rows: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (line, expected) in rows {
        let verdict = judged(line);
        let whys: Vec<&str> = verdict.parts.iter().map(|part| part.why.as_str()).collect();
        let said = said(&verdict);
        if said != *expected {
            wrong += &format!("{line}\n  expected {expected}\n  said     {said}: {whys:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_a_task_runs_is_judged() {
    let deploys = "mutating stack:infra/prod service:web within infra:context/prod";
    check(&[
        ("make", "unmatched"),
        ("make test", "unmatched"),
        ("make build", "reading"),
        ("make deploy", deploys),
        ("make -n deploy", "reading"),
        ("make build deploy -j 4", deploys),
        ("cd .. && make -C infra deploy", deploys),
        (
            "make deploy STACK=eu",
            "mutating stack:infra/eu service:web within infra:context/eu",
        ),
        (
            "make again",
            "mutating stack:infra/staging service:web within infra:context/staging",
        ),
        ("make loop", "mutating stack:infra"),
        ("make remote", "mutating service:nginx within host:web-1"),
        ("make opaque", "unknown"),
        ("make named", "unknown"),
        ("make turns", "mutating ?"),
        ("make nothing-of-the-kind", "unmatched"),
        ("make deploy-elsewhere", "unknown"),
        ("sudo make deploy", deploys),
        ("just", "unmatched"),
        (
            "just deploy",
            "mutating stack:infra/staging host:web-1 within host:web-1 ?",
        ),
        (
            "just deploy eu",
            "mutating stack:infra/eu host:web-1 within host:web-1 ?",
        ),
        ("just --list", "reading"),
        ("just script", "mutating service:web"),
        ("just other", "unmatched"),
    ]);
}

#[test]
fn what_a_script_runs_is_judged() {
    check(&[
        ("npm run deploy", "mutating ?"),
        ("npm run all", "mutating ?"),
        ("npm run db", "mutating ?"),
        ("npm test", "unmatched"),
        ("yarn deploy", "mutating ?"),
        ("npm ci", "unmatched"),
        ("task deploy", "mutating stack:infra service:web ?"),
        ("task build", "unmatched"),
        ("mise run ship", "mutating stack:infra"),
        ("mise run look", "dry_run"),
        ("composer ship", "mutating ?"),
        ("rake db:ship", "mutating stack:infra"),
        ("./run.sh", "mutating service:web"),
        ("bash run.sh", "mutating service:web"),
        ("./tool", "mutating stack:infra"),
        ("./deploy.sh", "unmatched"),
        ("./release", "unknown"),
        ("./b.sh", "mutating stack:infra"),
        ("./a.sh", "unmatched"),
        ("./self.sh", "unmatched"),
        (
            "ssh web-1 ./run.sh",
            "mutating host:web-1 within host:web-1",
        ),
    ]);
}

#[test]
fn what_leads_there_is_told() {
    let verdict = judged("make deploy");
    let part = verdict
        .parts
        .iter()
        .find(|part| part.program == "terraform");
    assert_eq!(
        part.map(|part| part.through.clone()),
        Some(vec!["make deploy".to_owned()])
    );
}

#[test]
fn a_makefile_is_read_with_what_it_includes() {
    let judged = |line: &str| {
        let place = Place {
            files: Some(Files::new(|path| {
                let text = match path.rsplit('/').next()? {
                    "Makefile" => "include a.mk mk/b.mk # more\n-include $(X).mk\nall: up\n",
                    "a.mk" => "up: down\n\thelm upgrade web .\ninclude c.mk\n",
                    "b.mk" => "STACK = prod\ndown:\n\tterraform -chdir=$(STACK) destroy\n",
                    "c.mk" => "deep:\n\thelm uninstall web\n",
                    _ => return None,
                };
                Some(text.to_owned())
            })),
            ..place()
        };
        said(&classify_line(line, &Rules::shipped(), &place))
    };
    let all = "mutating stack:infra/prod service:web";
    assert_eq!(judged("make all"), all);
    assert_eq!(judged("make"), all);
    // What an included file includes is not read.
    assert_eq!(judged("make deep"), "unmatched");
}

#[test]
fn what_needs_more_than_is_followed_is_unknown() {
    let chain = |head: &str, task: fn(usize) -> String, bytes: usize| {
        let tasks = (0..).map(task).scan(0, |length, task| {
            *length += task.len();
            (*length < bytes).then_some(task)
        });
        format!("{head}{}", tasks.collect::<String>())
    };
    let make = |at: usize| format!("t{at}: t{}\n\techo a\n", at + 1);
    let task = |at: usize| {
        format!(
            "  t{at}:\n    deps: [t{}]\n    cmds:\n      - echo a\n",
            at + 1
        )
    };
    let judged = |line: &str, text: String| {
        let files = Files::new(move |_| Some(text.clone()));
        let place = Place {
            files: Some(files),
            ..place()
        };
        said(&classify_line(line, &Rules::shipped(), &place))
    };
    let long = FILE_BYTES_MAX - 64;
    // Each task runs once, whatever needs it.
    let circle = "a: b\n\techo a\nb: a\n\tterraform apply\n".to_owned();
    assert_eq!(judged("make a", circle), "mutating stack:infra");
    assert_eq!(judged("make t0", chain("", make, 400)), "reading");
    assert_eq!(judged("make t0", chain("", make, long)), "unknown");
    let tasks = "version: '3'\ntasks:\n";
    assert_eq!(judged("task t9", chain(tasks, task, 600)), "reading");
    let many = "task t9; task t8; task t7; task t6";
    assert_eq!(judged(many, chain(tasks, task, long)), "unknown");
}

#[test]
fn a_long_file_is_not_examined_and_a_large_one_takes_no_time() {
    let long = |bytes: usize| {
        let mut text = String::from("deploy:\n");
        while text.len() < bytes {
            text.push_str("\tkubectl get pods $(A) $(shell x) && echo done\n");
        }
        text
    };
    let judged = |bytes: usize| {
        let place = Place {
            files: Some(Files::new(move |path| {
                path.ends_with("/Makefile").then(|| long(bytes))
            })),
            ..place()
        };
        said(&classify_line("make deploy", &Rules::shipped(), &place))
    };
    assert_eq!(judged(FILE_BYTES_MAX - 100), "unknown");
    assert_eq!(judged(FILE_BYTES_MAX + 1), "unknown");
    assert_eq!(judged(1024), "reading");
}
