import { decode, ExtensionCodec, encode } from "@msgpack/msgpack";
import { type ObjectValue, Unknown } from "./value";

/** `tfplugin6.DynamicValue`: Terraform always sends msgpack; JSON is there for the few callers that do not. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

const PLAIN_UNKNOWN = 0;
const REFINED_UNKNOWN = 12;

const codec = new ExtensionCodec();
for (const type of [PLAIN_UNKNOWN, REFINED_UNKNOWN]) {
  codec.register({
    type,
    encode: (value) => (value instanceof Unknown && value.extension === type ? value.data : null),
    decode: (data) => new Unknown(type, data.slice()),
  });
}

/** Decodes a resource or provider value; null is "no such object" (nothing before a create, nothing after a destroy). */
export function decodeDynamicValue(value: DynamicValue | null | undefined): ObjectValue | null {
  if (value?.msgpack && value.msgpack.length > 0) {
    return decode(value.msgpack, { extensionCodec: codec }) as ObjectValue | null;
  }
  if (value?.json && value.json.length > 0) {
    return JSON.parse(Buffer.from(value.json).toString("utf8")) as ObjectValue | null;
  }
  return null;
}

export function encodeDynamicValue(value: ObjectValue | null): DynamicValue {
  return { msgpack: encode(value, { extensionCodec: codec }) };
}
