"""Analysis of marks and grades over the rows that the asker may read: one statement a question, arithmetic elsewhere."""
