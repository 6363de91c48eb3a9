// Holds server.js to a part of the book: node --test
import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const PART = "part1";

test("it is what the part asks for", () => {
  const proctor = process.env.PROCTOR ?? "proctor";
  const command = [PART, "--", process.execPath, "server.js"];
  const done = spawnSync(proctor, command, { encoding: "utf8" });
  assert.equal(done.status, 0, done.error ?? done.stdout + done.stderr);
});
