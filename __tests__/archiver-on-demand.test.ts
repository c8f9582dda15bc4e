import { execFileSync } from "node:child_process";
import * as path from "node:path";

const PROJECT = path.join(__dirname, "..");

/** Runs code where this package was loaded, by ts-node, without what tests leave out. @returns the JSON it prints */
function afterLoading(code: string): unknown {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const script = `require("./index");
    const loaded = () => Object.keys(require.cache).some((file) => file.includes("/archiver/lib/"));
    const inCdktf = require("node:module").createRequire(require.resolve("cdktf"));
    const print = (value) => console.log(JSON.stringify(value));
    ${code}`;
  const printed = execFileSync(process.execPath, ["--require", "ts-node/register", "--eval", script], {
    cwd: PROJECT,
    env,
    encoding: "utf8",
  });
  return JSON.parse(printed);
}

test("GIVEN the package WHEN it is loaded THEN what cdktf zips with is not, until it is used, and then zips", () => {
  const said = afterLoading(`
    const { PassThrough } = require("node:stream");
    const before = loaded();
    const archiver = inCdktf("archiver");
    const standsIn = loaded();
    const zip = archiver("zip");
    const chunks = [];
    zip.pipe(new PassThrough()).on("data", (chunk) => chunks.push(chunk)).on("end", () => {
      const whole = Buffer.concat(chunks);
      const again = inCdktf("archiver");
      print([before, standsIn, loaded(), whole.toString("latin1", 0, 2), whole.includes("name.txt"), Object.keys(archiver), again.create === archiver.create]);
    });
    zip.append("text", { name: "name.txt" });
    zip.finalize();
  `);
  expect(said).toEqual([false, false, true, "PK", true, ["create", "registerFormat", "isRegisteredFormat"], true]);
});

test("GIVEN an archiver that was loaded before THEN it stays the one that it is", () => {
  const said = afterLoading(`
    const first = inCdktf("archiver");
    first.create;
    const real = inCdktf("archiver");
    for (const file of Object.keys(require.cache)) if (/archiver-on-demand|[/]index.ts$/.test(file)) delete require.cache[file];
    require("./index");
    print(inCdktf("archiver") === real);
  `);
  expect(said).toBe(true);
});
