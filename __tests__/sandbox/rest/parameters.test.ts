import { nestParameters } from "../../../sandbox/rest/parameters";

test.each([
  ["a=1&b=two", { a: "1", b: "two" }],
  ["a[]=1&a[]=2", { a: ["1", "2"] }],
  ["filter[environment_scope]=prod", { filter: { environment_scope: "prod" } }],
  ["a[][x]=1&a[][y]=2&a[][x]=3", { a: [{ x: "1", y: "2" }, { x: "3" }] }],
  ["a[b][c]=1&a[b][d]=2", { a: { b: { c: "1", d: "2" } } }],
  ["a=1&a=2", { a: "2" }],
  ["a=", { a: "" }],
  ["__proto__[polluted]=1", {}],
])("GIVEN %s WHEN nested THEN it is read as Rack reads it", (query, expected) => {
  expect(nestParameters(new URLSearchParams(query))).toEqual(expected);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
