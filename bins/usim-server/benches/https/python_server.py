"""A server that works as the original USIM-https-server does: a re-creation for comparison.

It has what shapes the original's rate: Python's http.server with one thread, TLS by the ssl module,
HTTP/1.0 with a connection for each request, and a modem that is asked with AT+CSIM. It leaves out
what would only slow it down: the serial library, logging, and selecting the USIM each time.

    python3 python_server.py server.pem PORT-OF-THE-MODEM
"""

import http.server
import json
import os
import ssl
import sys
import tty
import urllib.parse

SELECT_USIM = "00A4040C07A0000000871002"


class Modem:
    def __init__(self, port):
        self.file = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.file)
        self.ask("ATE0")

    def ask(self, command):
        os.write(self.file, (command + "\r").encode())
        answer = b""
        while b"OK\r" not in answer and b"ERROR" not in answer:
            answer += os.read(self.file, 1024)
        return answer.decode()

    def csim(self, apdu):
        answer = self.ask('AT+CSIM=%d,"%s"' % (len(apdu), apdu))
        return answer.split('"')[1]

    def authenticate(self, rand, autn):
        answer = self.csim("008800812210" + rand + "10" + autn)
        return self.csim("00C00000" + answer[-2:]) if answer[-4:-2] == "61" else answer


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        answer = self.server.modem.authenticate(query["rand"][0], query["autn"][0]).upper()
        if answer[:2] == "DB":
            size = 2 * int(answer[2:4], 16)
            keys = answer[4 + size :]
            body = {"res": answer[4 : 4 + size], "ck": keys[2:34], "ik": keys[36:68]}
        else:
            body = {"res": answer[4:32], "ck": None, "ik": None}
        self.send_response(200)
        self.send_header("Content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body, indent="\t").encode())

    def log_message(self, *arguments):
        pass


def main():
    certificate, port = sys.argv[1:]
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.modem = Modem(port)
    server.modem.csim(SELECT_USIM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()


main()
