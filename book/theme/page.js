// What the page does that mdBook's own script does not: it copies what is worth copying,
// and leaves the arrow keys to what is scrolled with them. Without it the page lacks its
// buttons, and nothing else.
'use strict';

for (const figure of document.querySelectorAll('main figure, main > pre')) {
    const buttons = document.createElement('div');
    buttons.className = 'copy';
    for (const [name, text] of copies(figure)) {
        buttons.append(button(name, text));
    }
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

// mdBook turns the page at an arrow key, wherever the focus is.
for (const scrolled of document.querySelectorAll('.scroll')) {
    scrolled.addEventListener('keydown', (event) => event.stopPropagation());
}
