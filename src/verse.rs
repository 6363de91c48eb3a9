//! What the server has to say.

/// The one text that every part serves: UTF-8, and longer in bytes than in
/// characters, so that a server that counts the wrong ones is found out.
pub const VERSE: &str = "\
The Keeper of the Port

I listen. It is most of what I do.
The lamp is lit, the harbour door ajar.
A knock — and I have turned to it, to you:
no need to tell me who, or from how far.

You may be slow. You may send half a word
and drift in thought. Let others wander in;
I seat them all, and when the rest is heard
I'm where you left me, ready to begin.

I do not guess. I count out what I owe,
each byte, and say beforehand what is due;
and when the last has gone, I let you know:
a silence need not speak for me to you.

And if you mumble, or if all you send
is weather, I will say so, and will wait;
three times I'll take it kindly, like a friend,
and at the fourth I'll see you to the gate.

You'd rather passers-by not overhear?
There is a second door. I'll show my seal,
and someone you believe in will appear
in writing, swearing that the seal is real.

Then, when the signal comes to close for good,
I bar the door, yet see each guest away
with all that I had promised that I would —
then dark. Then, same address, another day.
";
