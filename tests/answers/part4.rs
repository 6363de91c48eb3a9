//! Answers to the exercises of Part 4.
