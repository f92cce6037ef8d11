"""Stands between a client and the registry, writes down what is asked and answered, and can damage tarballs."""
import dataclasses
import http.client
import http.server
import threading

# of a connection, not of a message; the length is that of the body as it is passed on
OWN = {'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'proxy-connection', 'te', 'upgrade'}


@dataclasses.dataclass
class Exchange:
    method: str
    path: str
    status: int
    asked: dict
    answered: dict

    @property
    def is_tarball(self):
        # knit has many in one answer
        return self.path.split('?')[0].endswith('.tgz') or self.path == '/-/knit/v1/missing'

    def __str__(self):
        path = self.path
        if '/user/token/' in path:
            path = path.split('/user/token/')[0] + '/user/token/***'
        told = [name for name in ('if-none-match', 'if-modified-since', 'npm-otp', 'authorization') if name in self.asked]
        return f'{self.method} {path} {self.status}' + (f'  [{", ".join(told)}]' if told else '')


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients end without a word, and that is no error."""


class Relay:
    """`url` is the registry's for the client; `exchanges` what was asked since it was last emptied."""

    def __init__(self, port):
        self.exchanges, self.damages = [], False
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def pass_on(self):
                relay.pass_on(self, port)
            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = pass_on

        self.server = Server(('127.0.0.1', 0), Handler)
        self.host = f'127.0.0.1:{self.server.server_port}'
        self.url = f'http://{self.host}/'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, handler, port):
        body = read_body(handler)
        # the Host header is the client's, so that addresses in answers are those of the relay
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in OWN}
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=120)
        try:
            connection.request(handler.command, handler.path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            handler.close_connection = True
            return
        finally:
            connection.close()
        asked = {name.lower(): value for name, value in handler.headers.items()}
        answered = {name.lower(): value for name, value in answer.getheaders()}
        exchange = Exchange(handler.command, handler.path, answer.status, asked, answered)
        self.exchanges.append(exchange)
        if self.damages and exchange.is_tarball and data:
            data = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
        handler.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OWN:
                handler.send_header(name, value)
        if handler.command == 'HEAD' and 'content-length' in answered:
            handler.send_header('content-length', answered['content-length'])
        elif answer.status not in (204, 304):
            handler.send_header('content-length', str(len(data)))
        handler.end_headers()
        try:
            handler.wfile.write(data)
        except OSError:
            handler.close_connection = True

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def read_body(handler):
    if 'chunked' in handler.headers.get('transfer-encoding', '').lower():
        body = bytearray()
        while size := int(handler.rfile.readline().split(b';')[0], 16):
            body += handler.rfile.read(size)
            handler.rfile.readline()
        while handler.rfile.readline().strip():
            pass
        return bytes(body)
    length = int(handler.headers.get('content-length') or 0)
    return handler.rfile.read(length) if length else None
