// Bytes that can be walked. weave says of each lane of an exchange what its bytes are, and
// in a table at the page's end what is to be said of that; here a byte is pointed at, by
// hand, by key or by the page's address. Without this the lanes and the table are there.
'use strict';

// How a byte is written: as a letter or an escape, and in hexadecimal.
const LETTER = /\\x[0-9a-f]{2}|\\.|[^\n]/gu;
const PAIR = /[0-9a-f]{2}/g;

// What has been taken apart: each lane's bytes and ranges.
const lanes = new Map();

for (const lane of document.querySelectorAll('main [data-ranges]')) {
    const code = bytesIn(lane);
    code.tabIndex = 0;
    if (code !== lane) {
        code.role = 'group';
        code.ariaLabel = `${lane.querySelector('p').textContent}, byte by byte`;
    }
    const meet = (event) => {
        walk(lane);
        point(lane, event.target);
    };
    lane.addEventListener('pointerover', meet);
    lane.addEventListener('focusin', (event) => {
        const { bytes } = walk(lane);
        if (event.target === code) bytes[0].element.focus();
        else tell(lane, bytes.findIndex((it) => it.element === event.target));
    });
    lane.addEventListener('keydown', (event) => step(lane, event));
}

for (const figure of document.querySelectorAll('main figure:has([data-ranges])')) {
    const told = document.createElement('output');
    told.className = 'told';
    told.ariaLive = 'polite';
    told.textContent = 'Point at a byte, or walk with the arrow keys, to see what it is.';
    const last = [...figure.querySelectorAll('[data-ranges]')].at(-1);
    if (last.closest('.drawing')) figure.append(told);
    else last.after(told);
}

// An address of this page may name a byte: #wire-part5-get-sent@17.
addEventListener('hashchange', seek);
seek();

function seek() {
    const [, id, at] = decodeURIComponent(location.hash).match(/^#(.+)@(\d+)$/) ?? [];
    const lane = document.getElementById(id);
    if (!lane?.dataset.ranges) return;
    for (let it = lane; it; it = it.parentElement) {
        if (it.matches('details')) it.open = true;
    }
    const { bytes } = walk(lane);
    const byte = bytes.findLast((it) => it.from <= at);
    byte.element.scrollIntoView({ block: 'center' });
    byte.element.focus({ preventScroll: true });
}

// A lane in which each byte is something that can have the focus; one of them can be got
// at by Tab.
function walk(lane) {
    if (lanes.has(lane)) return lanes.get(lane);
    const code = bytesIn(lane);
    const bytes = code === lane ? boxes(lane) : apart(code);
    let from = 0;
    for (const byte of bytes) {
        byte.from = from;
        from += byte.length;
        byte.element.tabIndex = -1;
        byte.element.role = 'option';
        if (byte.shown === ' ') byte.element.ariaLabel = 'space';
    }
    const words = lane.dataset.ranges.split(' ');
    const ranges = [];
    for (let at = 0; words.length; ) {
        const [kind, length] = words.splice(0, 2);
        ranges.push({ kind, from: at, length: Number(length) });
        at += Number(length);
    }
    code.removeAttribute('tabindex');
    code.role = 'listbox';
    bytes[0].element.tabIndex = 0;
    const { from: start, length } = ranges.at(-1);
    const walked = { bytes, ranges, total: start + length };
    lanes.set(lane, walked);
    return walked;
}

// What has the bytes in it: a lane's code, and of a drawing all.
function bytesIn(lane) {
    return lane.querySelector('code') ?? lane;
}

// In a drawing a letter is small, so what is pointed at is its box.
function boxes(drawing) {
    return [...drawing.querySelectorAll('.letter')].map((letter) => {
        const shown = letter.textContent === '␣' ? ' ' : letter.textContent;
        const values = valuesOf(shown);
        const element = document.createElementNS(drawing.namespaceURI, 'rect');
        const place = {
            class: 'box',
            x: letter.getAttribute('x') - 6 * values.length,
            y: letter.getAttribute('y') - 14,
            width: 12 * values.length,
            height: 20,
        };
        for (const [name, value] of Object.entries(place)) element.setAttribute(name, value);
        element.ariaLabel = shown;
        drawing.append(element);
        return { element, length: values.length, shown, values };
    });
}

// Puts each byte of a lane into an element of its own, as it is shown: a letter, or an
// escape. A letter may be several bytes, and a line that stands for others has all of
// theirs. What is struck out was not sent, and the page's own line ends are nobody's.
function apart(code) {
    if (code.bytes) return code.bytes;
    code.bytes = [];
    const isHex = code.closest('.records');
    for (const line of code.children) {
        line.normalize();
        if (line.dataset.bytes) {
            code.bytes.push({ element: line, length: Number(line.dataset.bytes) });
            continue;
        }
        const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        const found = [];
        while (texts.nextNode()) found.push(texts.currentNode);
        for (const text of found.filter((it) => !it.parentElement.closest('del'))) {
            const elements = [];
            for (const [written] of text.data.matchAll(isHex ? PAIR : LETTER)) {
                const element = document.createElement('i');
                element.className = 'byte';
                element.textContent = written;
                const values = isHex ? [parseInt(written, 16)] : valuesOf(written);
                const shown = isHex ? letterOf(values[0]) : written;
                code.bytes.push({ element, length: values.length, shown, values });
                elements.push(element);
            }
            text.replaceWith(...elements, ...(text.data.endsWith('\n') ? ['\n'] : []));
        }
    }
    return code.bytes;
}

// A byte that is no letter is shown as a dot.
function letterOf(value) {
    return value > 32 && value < 127 ? String.fromCharCode(value) : '·';
}

function valuesOf(shown) {
    const named = { n: 10, r: 13, t: 9, '\\': 92 };
    if (shown[0] !== '\\') return [...new TextEncoder().encode(shown)];
    return [named[shown[1]] ?? parseInt(shown.slice(2), 16)];
}

function hex({ values }) {
    return values.map((it) => it.toString(16).padStart(2, '0')).join(' ');
}

// What points at a byte shows what it is, unless the focus is on another.
function point(lane, target) {
    const figure = lane.closest('figure');
    const index = walk(lane).bytes.findIndex((it) => it.element.contains(target));
    if (index >= 0 && !figure.querySelector('[role=option]:focus')) tell(lane, index);
}

// Left and right go to the next byte, up and down to the next thing that is another.
function step(lane, event) {
    const { bytes, ranges } = walk(lane);
    const at = bytes.findIndex((it) => it.element === event.target);
    const { from } = rangeOf(ranges, bytes[at]);
    const to = {
        ArrowLeft: at - 1,
        ArrowRight: at + 1,
        ArrowUp: bytes.findLastIndex((it) => it.from < from),
        ArrowDown: bytes.findIndex((it) => rangeOf(ranges, it).from > from),
        Home: 0,
        End: bytes.length - 1,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    bytes[to]?.element.focus();
}

function rangeOf(ranges, byte) {
    return ranges.findLast((it) => it.from <= byte.from);
}

// Says of a byte what it is, and marks all that is one with it.
function tell(lane, index) {
    const { bytes, ranges, total } = walk(lane);
    const byte = bytes[index];
    const range = rangeOf(ranges, byte);
    const figure = lane.closest('figure');
    for (const it of figure.querySelectorAll('.one, .this')) {
        it.classList.remove('one', 'this');
        it.ariaSelected = false;
    }
    for (const it of bytes) {
        it.element.tabIndex = it === byte ? 0 : -1;
        it.element.classList.toggle('one', rangeOf(ranges, it) === range);
    }
    byte.element.classList.add('this');
    byte.element.ariaSelected = true;

    const row = document.querySelector(`[data-kind="${lane.dataset.of} ${range.kind}"]`);
    const [, name, rule, code] = row.cells;
    const what = document.createElement('b');
    what.append(...copy(name));
    if (range.kind === 'wrong' && lane.dataset.refusal) {
        what.append(`: ${lane.dataset.refusal}`);
    }
    const address = document.createElement('a');
    address.href = `#${lane.id}@${byte.from}`;
    address.textContent = `byte ${byte.from} of ${total}`;
    const length = range.length === 1 ? '1 byte' : `${range.length} bytes`;
    const value = byte.values ? `, ${hex(byte)} in hexadecimal` : '';
    const told = figure.querySelector('.told');
    told.replaceChildren(what, ` · ${length} from ${range.from}, this is `, address, value);
    for (const cell of [rule, code]) {
        if (cell.firstChild) told.append(' · ', ...copy(cell));
    }
}

// A button that shows an exchange's bytes as numbers, and as text again.
function numbers(figure) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'hex';
    button.ariaPressed = figure.matches('.hex');
    button.addEventListener('click', () => {
        const isHex = figure.classList.toggle('hex');
        button.ariaPressed = isHex;
        for (const lane of figure.querySelectorAll('[data-ranges]')) {
            for (const byte of walk(lane).bytes.filter((it) => it.values)) {
                byte.element.textContent = isHex ? hex(byte) : byte.shown;
            }
        }
    });
    return button;
}

function copy(cell) {
    return [...cell.cloneNode(true).childNodes];
}
