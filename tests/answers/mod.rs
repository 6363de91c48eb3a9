//! Worked answers to the book's exercises. What is an answer is public; the rest shows
//! that it is right.

/// What the answers to Part 5 start from.
#[path = "../../parts/part5/answer.rs"]
pub mod answer;
/// And those to Part 5.5.
#[path = "../../parts/part5_5/conversation.rs"]
pub mod conversation;

pub mod part1;
pub mod part2;
pub mod part3;
pub mod part4;
pub mod part5;
pub mod part5_5;
pub mod part6;
