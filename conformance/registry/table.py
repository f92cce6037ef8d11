"""The table in the documentation: written there, and held against what was seen."""
import dataclasses

import notes

BEGIN, END = '<!-- registry clients: begin -->\n', '<!-- registry clients: end -->'


def split(page):
    with open(page) as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    table, after = rest.split(END)
    return before, table, after


def kept(page):
    """The cells of the page, by client and step."""
    rows = [[cell.strip() for cell in line.strip('|\n').split('|')]
            for line in split(page)[1].splitlines() if line.startswith('|')]
    heads = [head.split(' (')[0] for head in rows[0]] if rows else []
    return {(client, row[0]): cell for row in rows[2:] for client, cell in zip(heads[1:], row[1:])}


def write(page, clients, titles, columns):
    """What was seen, and for clients that were not driven what the page said before."""
    before = kept(page)
    heads = [f'{client.name} ({client.version})' if client.version else client.name for client in clients]
    lines = ['| | ' + ' | '.join(heads) + ' |', '|---|' + ':---:|' * len(heads)]
    texts, of = notes.numbered()
    for title in titles:
        cells = []
        for client in clients:
            if client in columns:
                cell = columns[client][title][0]
            else:
                cell = before.get((client.name, title), '').split(' (')[0]
            note = of.get((client.name, title))
            cells.append(cell + (f' ({note})' if note else ''))
        lines.append(f'| {title} | ' + ' | '.join(cells) + ' |')
    below = [f'{number}. {text}' for number, text in enumerate(texts, 1)]
    before, _, after = split(page)
    with open(page, 'w') as out:
        out.write(before + BEGIN + '\n'.join([*lines, '', *below]) + '\n' + END + after)


@dataclasses.dataclass(frozen=True)
class Lost:
    """Something that the page says works."""
    client: str
    step: str


def lost(page, columns):
    """What the page says works, and did not."""
    before = kept(page)
    if not before:
        raise SystemExit(f'{page} has no table: write it first')
    return [Lost(client.name, title) for client, column in columns.items() for title, (told, _) in column.items()
            if told != 'yes' and before.get((client.name, title), '').startswith('yes')]
