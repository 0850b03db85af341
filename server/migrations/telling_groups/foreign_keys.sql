ALTER TABLE usher.class ADD FOREIGN KEY (reveals) REFERENCES usher.special_element (element);
