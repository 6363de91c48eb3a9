//! Worked answers to the book's exercises. What is an answer is public; the rest shows
//! that it is right.

pub mod part1;
pub mod part2;
mod part3;
mod part4;
mod part5;
mod part5_5;
