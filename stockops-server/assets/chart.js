// Hover, crosshair and zoom over the charts of the house. They are whole without this: each session has its words in a
// <title>, and a table stands beside the chart.

const SVG = 'http://www.w3.org/2000/svg';
const MOST = 8;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

// The sessions of a chart, left to right, and what is said of each.
function places(svg) {
  const found = [...svg.querySelectorAll('.hover')].map((rect) => {
    const box = ['x', 'y', 'width', 'height'].map((name) => rect.getAttribute(name) * 1);
    const title = rect.querySelector('title');
    const words = title?.textContent ?? '';
    title?.remove();
    return { box, words, middle: box[0] + box[2] / 2 };
  });
  return found.filter((place) => place.words).sort((a, b) => a.middle - b.middle || a.box[1] - b.box[1]);
}

class Layer {
  constructor(svg) {
    this.svg = svg;
    this.places = places(svg);
    this.whole = svg.getAttribute('viewBox').split(' ').map(Number);
    this.box = [...this.whole];
    this.at = -1;
    this.figure = svg.closest('figure');
    this.tip = element('div', { class: 'tip', hidden: '' });
    this.said = element('p', { class: 'unseen', role: 'status' });
    this.cross = document.createElementNS(SVG, 'line');
    this.cross.setAttribute('class', 'cross');
    svg.append(this.cross);
    this.figure.append(this.tip, this.said);
    this.figure.before(this.tools());
    // On a narrow screen the newest sessions and the forecast are what one wants to see first.
    this.figure.scrollLeft = this.figure.scrollWidth;
    this.listen();
  }

  tools() {
    const name = this.svg.querySelector('title')?.textContent ?? 'chart';
    const button = (text, label, act) => {
      const made = element('button', { type: 'button', 'aria-label': `${label}: ${name}` }, text);
      made.addEventListener('click', act);
      return made;
    };
    return element('div', { class: 'tools' },
      button('+', 'Zoom in', () => this.zoom(1.5)),
      button('\u2212', 'Zoom out', () => this.zoom(1 / 1.5)),
      button('Whole', 'Show the whole chart', () => this.zoom(0)));
  }

  listen() {
    const { svg } = this;
    svg.setAttribute('tabindex', '0');
    svg.addEventListener('pointermove', (event) => (event.buttons && this.held ? this.pan(event) : this.hover(event)));
    svg.addEventListener('pointerleave', () => this.hide());
    svg.addEventListener('pointerdown', (event) => (this.held = this.box[2] < this.whole[2] && this.point(event)));
    svg.addEventListener('dblclick', () => this.zoom(0));
    svg.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    svg.addEventListener('keydown', (event) => this.press(event));
    svg.addEventListener('blur', () => this.hide());
  }

  // A place on the screen in units of the chart.
  point(event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  hover(event) {
    const { x, y } = this.point(event);
    const inside = ({ box }) => x >= box[0] && x <= box[0] + box[2] && y >= box[1] && y <= box[1] + box[3];
    const found = this.places.findIndex(inside);
    if (found < 0) this.hide();
    else this.show(found);
  }

  show(index) {
    this.at = index;
    const { box, words, middle } = this.places[index];
    const ends = { x1: middle, x2: middle, y1: box[1], y2: box[1] + box[3] };
    Object.entries(ends).forEach(([name, value]) => this.cross.setAttribute(name, value));
    this.cross.removeAttribute('visibility');
    this.tip.textContent = words;
    this.tip.hidden = false;
    const screen = new DOMPoint(middle, box[1]).matrixTransform(this.svg.getScreenCTM());
    const frame = this.figure.getBoundingClientRect();
    const x = screen.x - frame.left + this.figure.scrollLeft;
    const left = x + 12 + this.tip.offsetWidth > this.figure.scrollLeft + frame.width ? x - 12 - this.tip.offsetWidth : x + 12;
    this.tip.style.left = `${Math.max(left, this.figure.scrollLeft)}px`;
    this.tip.style.top = `${Math.max(screen.y - frame.top, 0)}px`;
  }

  hide() {
    this.at = -1;
    this.tip.hidden = true;
    this.cross.setAttribute('visibility', 'hidden');
  }

  press(event) {
    const last = this.places.length - 1;
    const steps = { ArrowRight: Math.min(this.at + 1, last), ArrowLeft: Math.max(this.at < 0 ? last : this.at - 1, 0), Home: 0, End: last };
    const acts = { '+': () => this.zoom(1.5), '-': () => this.zoom(1 / 1.5), 0: () => this.zoom(0), Escape: () => this.hide() };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in steps && last >= 0) {
      this.show(steps[event.key]);
      this.said.textContent = this.places[this.at].words.replaceAll('\n', ', ');
    } else if (event.key in acts) acts[event.key]();
    else return;
    event.preventDefault();
  }

  // With Ctrl, as maps have it, so that the page can still be scrolled.
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, this.point(event));
  }

  // By `factor` around a point, which stays where it is; 0 shows the whole.
  zoom(factor, around = this.middle()) {
    const [, , width, height] = this.whole;
    const w = factor ? Math.min(Math.max(this.box[2] / factor, width / MOST), width) : width;
    const share = w / this.box[2];
    this.look(around.x - (around.x - this.box[0]) * share, around.y - (around.y - this.box[1]) * share, w, (w / width) * height);
  }

  middle() {
    const place = this.places[this.at];
    return { x: place?.middle ?? this.box[0] + this.box[2] / 2, y: this.box[1] + this.box[3] / 2 };
  }

  pan(event) {
    const { x, y } = this.point(event);
    this.hide();
    this.look(this.box[0] + this.held.x - x, this.box[1] + this.held.y - y, this.box[2], this.box[3]);
  }

  look(x, y, w, h) {
    const inside = (from, size, whole) => Math.min(Math.max(from, 0), whole - size);
    this.box = [inside(x, w, this.whole[2]), inside(y, h, this.whole[3]), w, h];
    this.svg.setAttribute('viewBox', this.box.join(' '));
    this.svg.classList.toggle('zoomed', w < this.whole[2]);
    if (this.at >= 0) this.show(this.at);
  }
}

export function enliven(root) {
  root.querySelectorAll('figure svg.stockops-chart').forEach((svg) => new Layer(svg));
}
