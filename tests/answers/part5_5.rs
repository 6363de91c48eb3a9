//! Answers to the exercises of Part 5.5.
