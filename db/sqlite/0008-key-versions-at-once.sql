-- Here a row that is updated again and again in one transaction is no slower to update, and each key goes on having a
-- version of its own.
SELECT 1;
