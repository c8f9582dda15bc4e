import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { gitlabPlace } from "../../../commands/state/place";

const open = new Set<Socket>();
let silent: Server;
afterEach(() => {
  for (const socket of open) socket.destroy();
  silent.close();
});

test("GIVEN a GitLab that takes calls and says nothing WHEN the command is stopped THEN the waiting ends at once", async () => {
  const stopped = new AbortController();
  silent = createServer((socket) => {
    open.add(socket);
    stopped.abort(new Error("stopped"));
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const place = gitlabPlace("one", {
    kind: "gitlab",
    baseUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    project: "ops/pushers",
    credentials: { username: "root", password: "a-password-of-olga" },
  });
  await expect(place.mustAnswer!(stopped.signal)).rejects.toThrow("stopped");
});
