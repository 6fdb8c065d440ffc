"""A TCP proxy on 127.0.0.1 that a test can freeze: connections stay, nothing comes through any more, as when a network is cut.

SPDX-License-Identifier: Apache-2.0
"""

import selectors
import socket
import threading

BLOCK = 65536


class TcpProxy:
    def __init__(self, port, target):
        """port: where it listens; target: where it connects to."""
        self.target = target
        self.frozen = False
        self.running = True
        self.peers = {}  # socket -> the one on the other side
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", port))
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def freeze(self):
        self.frozen = True

    def thaw(self):
        self.frozen = False

    def close(self):
        self.running = False
        self.thread.join()
        for each in [*self.peers, self.listener]:
            each.close()
        self.selector.close()

    def serve(self):
        while self.running:
            ready = self.selector.select(0.02)
            if self.frozen:
                threading.Event().wait(0.02)  # what is ready stays ready
                continue
            for key, _ in ready:
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj in self.peers:
                    self.forward(key.fileobj)

    def accept(self):
        near, _ = self.listener.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            self.peers[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def forward(self, one):
        other = self.peers[one]
        try:
            data = one.recv(BLOCK)
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        for each in (one, other):
            self.selector.unregister(each)
            del self.peers[each]
            each.close()
