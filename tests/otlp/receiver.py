"""A receiver of OTLP traces made of the project's own messages and gRPC service (opentelemetry-proto).

POST /v1/traces takes protobuf and its JSON; gRPC takes Export. GET /received answers what has arrived, by how it came:
the headers of each request and its message, as protobuf's own JSON printer writes it. Whatever is not OTLP is refused,
and so is a request without the header `x-api-key: let me in`.
"""

import base64
import json
import os
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service

RECEIVED = {"grpc": [], "http_protobuf": [], "http_json": []}
LOCK = Lock()
KEY = "let me in"
# OTLP's JSON has hex where protobuf's has base64.
IDS = ("traceId", "spanId", "parentSpanId")


def keep(how, headers, request):
    spans = json_format.MessageToDict(request)
    with LOCK:
        RECEIVED[how].append({"headers": headers, "request": spans})


def from_hex(value):
    if isinstance(value, list):
        return [from_hex(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(bytes.fromhex(one)).decode() if name in IDS else from_hex(one)
        for name, one in value.items()
    }


class Traces(service.TraceServiceServicer):
    def Export(self, request, context):
        headers = {one.key: one.value for one in context.invocation_metadata() if isinstance(one.value, str)}
        if headers.get("x-api-key") != KEY:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
        keep("grpc", headers, request)
        return messages.ExportTraceServiceResponse()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != "/received":
            return self.answer(404, "text/plain", b"")
        with LOCK:
            received = json.dumps(RECEIVED).encode()
        self.answer(200, "application/json", received)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))  # an empty message has none
        kind = self.headers["content-type"]
        if self.path != "/v1/traces":
            return self.answer(404, "text/plain", b"")
        if self.headers["x-api-key"] != KEY:
            return self.answer(401, "text/plain", b"")
        try:
            request = messages.ExportTraceServiceRequest()
            if kind == "application/x-protobuf":
                request.ParseFromString(body)
            elif kind == "application/json":
                # Strict: a field that OTLP does not have is an error.
                json_format.ParseDict(from_hex(json.loads(body)), request)
            else:
                return self.answer(415, "text/plain", b"")
        except Exception as error:  # whatever is wrong with it, the sender is told
            return self.answer(400, "text/plain", str(error).encode())
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = messages.ExportTraceServiceResponse()
        if kind == "application/json":
            keep("http_json", headers, request)
            return self.answer(200, kind, json_format.MessageToJson(response).encode())
        keep("http_protobuf", headers, request)
        return self.answer(200, kind, response.SerializeToString())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    service.add_TraceServiceServicer_to_server(Traces(), server)
    server.add_insecure_port(f"127.0.0.1:{os.environ['GRPC_PORT']}")
    server.start()
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()


main()
