//! Texts that try to steer a model: written rules for families of attacks, and a small linear model beside them.
