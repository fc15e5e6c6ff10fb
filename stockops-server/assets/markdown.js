// The Markdown of reports as elements. Text becomes text and nothing else, so that no report can bring markup, links or pictures.

const MARKS = /\\([!-\/:-@[-`{-~])|\*\*(.+?)\*\*|\*(.+?)\*|`([^`]+)`|!?\[([^\]]*)\]\([^)]*\)/;

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function inline(text) {
  const found = MARKS.exec(text);
  if (!found) return [text];
  const [all, escaped, strong, em, code, words] = found;
  const node =
    escaped ?? words ?? (code !== undefined ? element('code', code) : strong !== undefined ? element('strong', ...inline(strong)) : element('em', ...inline(em)));
  return [text.slice(0, found.index), node, ...inline(text.slice(found.index + all.length))];
}

const cells = (line) => line.replace(/^\||\|\s*$/g, '').split(/(?<!\\)\|/).map((cell) => cell.replace('\\|', '|').trim());

function table(lines) {
  const row = (name) => (line) => element('tr', ...cells(line).map((cell) => element(name, ...inline(cell))));
  const [head, , ...rows] = lines;
  const made = element('table', element('thead', row('th')(head)), element('tbody', ...rows.map(row('td'))));
  const box = element('div', made);
  Object.entries({ class: 'table', role: 'region', tabindex: '0', 'aria-label': 'A table of the report' }).forEach(([name, value]) => box.setAttribute(name, value));
  return box;
}

// One block: lines without an empty one between them.
function block(lines) {
  const heading = /^(#{1,4}) (.*)/.exec(lines[0]);
  if (heading) return [element(`h${heading[1].length + 2}`, ...inline(heading[2])), ...rest(lines.slice(1))];
  if (lines.length > 1 && lines[0].startsWith('|')) return [table(lines)];
  if (/^([-*]|\d+\.) /.test(lines[0])) {
    return [element('ul', ...lines.map((line) => element('li', ...inline(line.replace(/^([-*]|\d+\.) \\?/, '')))))];
  }
  return [element('p', ...inline(lines.join(' ')))];
}

const rest = (lines) => (lines.length ? block(lines) : []);

export function render(markdown) {
  const blocks = markdown.trim().split(/\n\s*\n/).map((text) => text.split('\n'));
  const made = document.createDocumentFragment();
  made.append(...blocks.flatMap(block));
  return made;
}
