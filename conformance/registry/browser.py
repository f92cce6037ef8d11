"""What somebody does in a browser: fills in the forms that a page leads to, with its cookies and hidden fields."""
import html.parser
import http.cookiejar
import urllib.parse
import urllib.request


class Forms(html.parser.HTMLParser):
    """The forms of a page that are sent: where to, and the fields with what stands in them."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == 'form':
            self.open = (given.get('method') or '').lower() == 'post'
            if self.open:
                self.found.append((given.get('action') or '', {}))
        elif tag == 'input' and self.open and given.get('name'):
            self.found[-1][1][given['name']] = given.get('value') or ''

    def handle_endtag(self, tag):
        if tag == 'form':
            self.open = False


def log_in(url, name, password):
    """Follows an address that a command line told: signs in, and lets the command line in where that is asked."""
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                          urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def load(target, data=None):
        with browser.open(target, data, timeout=60) as answer:
            return answer.geturl(), answer.read().decode()
    url, text = load(url)
    for _ in range(4):
        own = [(action, fields) for action, fields in Forms(text).found if leads_here(url, action)]
        if not own:
            return
        action, fields = own[0]
        known = {'username': name, 'password': password}
        fields = {field: known.get(field, value) for field, value in fields.items()}
        url, text = load(urllib.parse.urljoin(url, action), urllib.parse.urlencode(fields).encode())


def leads_here(url, action):
    """Whether a form is what its page is for, and not one of those on every page."""
    return urllib.parse.urlsplit(urllib.parse.urljoin(url, action)).path == urllib.parse.urlsplit(url).path
