-- Here several replicas make ids at a time: only the index tells where one is.
SELECT 1;
