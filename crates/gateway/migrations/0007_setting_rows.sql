-- The sandbox's settings had the same row as those of web search; each kind has one of its own.
UPDATE settings SET id = 3 WHERE id = 2 AND body NOT LIKE '%"engine"%';
