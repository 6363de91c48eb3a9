// What the page does that mdBook's own script does not: it copies what is worth copying,
// has requests cut, and leaves the arrow keys to what is moved with them. Without it the
// page lacks its buttons and sliders, and nothing else.
'use strict';

for (const figure of document.querySelectorAll('main figure, main > pre')) {
    const buttons = document.createElement('div');
    buttons.className = 'copy';
    for (const [name, text] of copies(figure)) {
        buttons.append(button(name, text));
    }
    if (figure.matches('.wire:has([data-ranges])')) buttons.append(numbers(figure));
    // In the place where it is seen, which is where the keyboard comes by.
    const caption = figure.querySelector('figcaption');
    if (buttons.firstChild) {
        caption ? caption.after(buttons) : figure.prepend(buttons);
    }
}

// What of a figure is to be copied, by what its button says. Of a session that is what
// was typed; of an exchange, what sends it again, and the bytes themselves.
function copies(figure) {
    const typed = [...figure.querySelectorAll('.typed')];
    if (figure.matches('.session')) {
        const commands = typed.map((line) => line.textContent.replace(/^\$ /, ''));
        return typed.length ? [['copy commands', commands.join('')]] : [];
    }
    if (figure.matches('.wire')) {
        const sent = figure.dataset.sent;
        if (sent === undefined) return [];
        const command = `printf '${sent}' | nc -N localhost 1337\n`;
        return [['copy as a command', command], ['copy bytes', bytes(sent)]];
    }
    const code = figure.querySelector('pre code');
    const isCode = code && figure.matches('.listing, .change, pre');
    return isCode ? [['copy', code.textContent]] : [];
}

// What `printf` makes of its argument, which the shell has had.
function bytes(sent) {
    const named = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
    return sent
        .replaceAll(String.raw`'\''`, "'")
        .replaceAll('%%', '%')
        .replace(/\\([0-7]{3}|.)/g, (_, escape) =>
            named[escape] ?? String.fromCharCode(parseInt(escape, 8)));
}

function button(name, text) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.addEventListener('click', async () => {
        try {
            await navigator.clipboard.writeText(text);
            say(button, 'copied');
        } catch {
            // A page that came over plain HTTP from another machine may not.
            say(button, 'not allowed here');
        }
    });
    return button;
}

// Says what happened, to those who look and to those who listen, for two seconds.
function say(button, what) {
    const name = button.textContent;
    button.setAttribute('aria-live', 'polite');
    button.textContent = what;
    setTimeout(() => { button.textContent = name; }, 2000);
}

// A request that can be cut: a slider says how many of its bytes have come, and below
// stands what the table has for that.
for (const figure of document.querySelectorAll('main .cuttable')) {
    const bytes = apart(figure.querySelector('.sent code')).map((it) => it.element);
    const slider = document.createElement('input');
    const known = document.createElement('output');
    slider.type = 'range';
    slider.max = bytes.length;
    slider.value = Math.floor(bytes.length / 2);
    slider.ariaLabel = 'how many bytes have come';
    known.ariaLive = 'polite';
    slider.addEventListener('input', () => cut(figure, bytes, slider, known));
    figure.querySelector('.sent').after(slider, known);
    cut(figure, bytes, slider, known);
}

// Shows a request of which so many bytes have come.
function cut(figure, bytes, slider, known) {
    const count = slider.valueAsNumber;
    bytes.forEach((byte, index) => byte.classList.toggle('to-come', index >= count));
    slider.ariaValueText = `${count} of ${bytes.length}`;
    const rows = [...figure.querySelectorAll('[data-after]')];
    const row = rows.findLast((it) => it.dataset.after <= count);
    const [, state, given] = row.cells;
    known.replaceChildren(`After ${count} of ${bytes.length} bytes: `, ...copy(state));
    // What was given out was given out once, but for the last of all.
    const isNew = row.dataset.after == count || row === rows.at(-1);
    if (isNew && given.firstChild) {
        known.append(', and this is given out: ', ...copy(given));
    }
}

// The way past the sidebar. On a page for those who are lost, which has a base, the link
// would lead somewhere else.
document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    document.querySelector('main').focus();
});

// mdBook turns the page at an arrow key, wherever the focus is.
for (const moved of document.querySelectorAll('.scroll, input[type=range]')) {
    moved.addEventListener('keydown', (event) => event.stopPropagation());
}
