#!/usr/bin/env node
// Starts the program of git-presence that npm installed for this platform; it downloads nothing.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const platform = `git-presence-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${platform}/bin/git-presence`);
} catch {
  console.error(`git-presence: the package ${platform} is not installed`);
  console.error(
    "hint: npm leaves it out with --omit=optional, and there is none for every platform; " +
      "with Rust: cargo install git-presence",
  );
  process.exit(1);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends Ctrl-C to both; others send their signals to this process alone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
  process.on(signal, () => signal === "SIGINT" || child.kill(signal));
}
child.on("error", (error) => {
  console.error(`git-presence: cannot start ${program}: ${error.message}`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  process.exit(signal ? 128 + constants.signals[signal] : code);
});
