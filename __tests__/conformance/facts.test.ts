import { operatorOf } from "../../conformance/facts";

test.each([
  [404, undefined, "got 404 and no JSON for the token's user"],
  [403, { message: "403 Forbidden" }, 'got 403 {"message":"403 Forbidden"} for the token\'s user'],
])("GIVEN a server that answers %d and %j THEN it is said", async (status, body, expected) => {
  await expect(operatorOf({ get: async () => ({ status, body }) } as never)).rejects.toThrow(expected);
});
