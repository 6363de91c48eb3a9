//! Worked answers to the book's exercises. What is an answer is public; the rest shows
//! that it is right.

pub mod part1;
pub mod part2;
pub mod part3;
pub mod part4;
pub mod part5;
pub mod part5_5;
pub mod part6;
pub mod part7;
