"""The table in the documentation: written there, and held against what was seen."""
import notes

BEGIN, END = '<!-- registry clients: begin -->\n', '<!-- registry clients: end -->'


def split(page):
    with open(page) as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    table, after = rest.split(END)
    return before, table, after


def write(page, clients, titles, columns):
    heads = [f'{client.name} ({client.version})' if client.version else client.name for client in clients]
    lines = ['| | ' + ' | '.join(heads) + ' |', '|---|' + ':---:|' * len(heads)]
    texts, of = notes.numbered()
    for title in titles:
        cells = []
        for client, column in zip(clients, columns):
            note = of.get((client.name, title))
            cells.append(column[title][0] + (f' ({note})' if note else ''))
        lines.append(f'| {title} | ' + ' | '.join(cells) + ' |')
    below = [f'{number}. {text}' for number, text in enumerate(texts, 1)]
    before, _, after = split(page)
    with open(page, 'w') as out:
        out.write(before + BEGIN + '\n'.join([*lines, '', *below]) + '\n' + END + after)


def lost(page, clients, columns):
    """What the page says works, and did not."""
    rows = [[cell.strip() for cell in line.strip('|\n').split('|')]
            for line in split(page)[1].splitlines() if line.startswith('|')]
    heads = [head.split(' (')[0] for head in rows[0]]
    found = []
    for client, column in zip(clients, columns):
        for row in rows[2:]:
            told, why = column.get(row[0], ('yes', ''))
            if client.name in heads and row[heads.index(client.name)].startswith('yes') and told != 'yes':
                found.append(f'{client.name}: {row[0]}: {told} {why}')
    return found
