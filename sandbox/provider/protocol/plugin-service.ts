import path from "node:path";
import type { ServiceDefinition } from "@grpc/grpc-js";
import protobuf from "protobufjs";

/** A decoded or to-be-encoded message: field names as in the .proto. */
// biome-ignore lint/suspicious/noExplicitAny: messages are decoded by reflection, their shapes are the protocol's.
export type Message = any;

/** The `tfplugin6.Provider` service, built from the .proto once per process. */
export const pluginService: ServiceDefinition = serviceDefinition();

/** Encodes an answer ahead of time; the service's serializer passes such buffers through. */
export function encodeResponse(method: string, response: object): Buffer {
  return pluginService[method]!.responseSerialize(response);
}

function serviceDefinition(): ServiceDefinition {
  const root = new protobuf.Root().loadSync(path.join(__dirname, "tfplugin6.proto"), { keepCase: true });
  root.resolveAll();
  const service = root.lookupService("tfplugin6.Provider");
  const methods = service.methodsArray.map((method) => {
    const request = method.resolvedRequestType!;
    const response = method.resolvedResponseType!;
    return [
      method.name,
      {
        path: `/tfplugin6.Provider/${method.name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: Message) => Buffer.from(request.encode(message).finish()),
        requestDeserialize: (bytes: Buffer) => request.decode(bytes),
        responseSerialize: (message: Message) =>
          Buffer.isBuffer(message) ? message : Buffer.from(response.encode(message).finish()),
        responseDeserialize: (bytes: Buffer) => response.decode(bytes),
      },
    ];
  });
  return Object.fromEntries(methods);
}
