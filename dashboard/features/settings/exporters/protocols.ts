export const PROTOCOLS = [
  { value: "grpc", name: "gRPC", says: "An address such as https://otel.example.com:4317." },
  { value: "http_protobuf", name: "HTTP, Protobuf", says: "A URL; /v1/traces is added if it has no path." },
  { value: "http_json", name: "HTTP, JSON", says: "A URL; /v1/traces is added if it has no path." },
];

export function protocolName(protocol: string): string {
  return PROTOCOLS.find(({ value }) => value === protocol)?.name ?? protocol;
}
