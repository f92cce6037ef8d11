"""Runs a command line and keeps what it says: plainly, or at a terminal where its questions are answered."""
import dataclasses
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

ESCAPES = re.compile(r'\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>()][0-9A-Za-z]?')
# what some prompts wait for: where the cursor is
CURSOR_ASKED, CURSOR_TOLD = b'\x1b[6n', b'\x1b[1;1R'
# wide enough that no address is broken into lines
COLUMNS = 400
RUNNING = []


@dataclasses.dataclass
class Said:
    """How a command ended: `code` is None where it had to be killed."""
    code: 'int | None'
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err


def end_all(*_):
    """Ends what still runs, and then this process: for a signal that asks for that."""
    for process in RUNNING:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    os._exit(143)


def start(command, **options):
    """A process in a group of its own, known to `end_all`."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    RUNNING[:] = [one for one in RUNNING if one.poll() is None] + [process]
    return process


def run(command, cwd, env, timeout):
    """Without a terminal, and nothing to read."""
    process = start(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(timeout=timeout)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        code = None
    return Said(code, plain(out), plain(err))


def converse(command, cwd, env, timeout, answers):
    """At a terminal. `answers` are pairs of a pattern and what is typed when it is seen: a text, or a function of the
    match that gives one or None. Each is used once, in whatever order the questions come."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 50, COLUMNS, 0, 0))
    process = start(command, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave,
                    preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    seen, answered, waiting = bytearray(), 0, list(answers)
    deadline = time.monotonic() + timeout
    try:
        while time.monotonic() < deadline:
            if not select.select([master], [], [], 0.2)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
            for _ in range(data.count(CURSOR_ASKED)):
                os.write(master, CURSOR_TOLD)
            answered = answer(master, seen, answered, waiting)
        try:
            code = process.wait(max(0.1, min(5, deadline - time.monotonic())))
        except subprocess.TimeoutExpired:
            code = None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(master)
    return Said(code, plain(bytes(seen)), '')


def answer(master, seen, answered, waiting):
    """Types what the output since the last answer asks for; gives where the next question may begin."""
    for entry in waiting:
        pattern, reply = entry
        match = re.search(pattern, plain(bytes(seen[answered:])))
        if match:
            text = reply(match) if callable(reply) else reply
            waiting.remove(entry)
            if text is not None:
                wait_until_read(master)
                os.write(master, text.encode() + b'\r')
            return len(seen)
    return answered


def wait_until_read(master):
    """A question is shown before its answer is read, by most keystroke by keystroke and without an echo; what is typed
    before is lost. Some read whole lines: for them the wait ends by itself."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and termios.tcgetattr(master)[3] & termios.ECHO:
        time.sleep(0.02)
    time.sleep(0.1)


def plain(data):
    return ESCAPES.sub('', data.decode('utf-8', 'replace')).replace('\r\n', '\n').replace('\r', '\n')
