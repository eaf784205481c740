"""Vectors of products that few or none have bought: what their attributes say, adapted with each first buyer.

It is the update of tastes with the roles exchanged: a product's vector is normal around m + (a - abar) B with
covariance Omega, and its buyers' tastes follow the density proportional to exp(u v).
"""

from dataclasses import dataclass

from dog.models.start.taste import Floats, TasteUpdate


@dataclass(frozen=True, slots=True)
class ColdPrior:
    """How the vectors of products are distributed given their attributes, and how buyers change them."""

    update: TasteUpdate

    def means(self, encoded: Floats) -> Floats:
        """Return the vectors of products that nobody bought, given their encoded attributes, shape (products, ...)."""
        return self.update.prior.means(encoded)
