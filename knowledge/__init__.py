"""What the interviewer knows: questions, rubrics, and the means to compare words with them."""
